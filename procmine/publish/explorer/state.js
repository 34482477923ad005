// State: what the reader has chosen, and the counts that follow from it.

const state = {
  k: DATA.first, paths: null, measure: "count", clock: 0, view: "all", filters: [], group: 0, selected: null, tab: "map",
  way: null,
};
let ROWS = null; // null on pages without cases
const listeners = [];

function whenChanged(listener) {
  listeners.push(listener);
}

let seenLast = null;

function change(some) {
  const held = document.activeElement;
  Object.assign(state, some);
  seenLast = seenNow();
  for (const listener of listeners) listener(seenLast);
  keepFocus(held);
}

// Whoever pressed what is drawn anew, or hidden now, goes on reading in the panel, or at the tabs.
function keepFocus(held) {
  if (held && (!held.isConnected || held.closest("[hidden]"))) {
    (document.getElementById("detail") || tabs[state.tab]).focus();
  }
}

function dayNumber(text) {
  return Math.round(Date.parse(`${text}T00:00:00Z`) / 86400000);
}

// The view before or after a day is one more filter.
function filtersNow() {
  if (!DATA.change || (state.view !== "before" && state.view !== "after")) return state.filters;
  const day = dayNumber(DATA.change.day);
  const period = state.view === "before" ? { from: null, to: day - 1 } : { from: day, to: null };
  return [...state.filters, { kind: "begun", ...period }];
}

const memory = new Map(); // the last masks and counts: a slider of paths moves without counting again

function remembered(name, key, make) {
  const last = memory.get(name);
  if (last && last.key === key) return last.value;
  const value = make();
  memory.set(name, { key, value });
  return value;
}

function maskNow(filters = filtersNow()) {
  const key = JSON.stringify(filters);
  return remembered("mask", key, () => kept(ROWS, filters));
}

function flowNow() {
  const { k, clock } = state;
  if (!ROWS) return remembered("flow", `${state.group} ${k}`, () => countedCells(DATA.cells.groups[state.group], k));
  const filters = filtersNow();
  return remembered("flow", JSON.stringify([filters, k, clock]), () => counted(ROWS, maskNow(filters), k, clock));
}

function layoutNow() {
  return DATA.layouts.find((one) => one.upto >= state.k) || DATA.layouts[DATA.layouts.length - 1];
}

// Arrows that a difference colours, in place of those of the counts.
function difference() {
  return state.view === "difference" && DATA.change && DATA.change.drawn ? DATA.change : null;
}

function seenNow() {
  const layout = layoutNow();
  const flow = flowNow();
  const paths = state.paths === null ? usualPaths(flow, layout) : state.paths; // until the reader sets the slider
  const { moves, carried } = shownMoves(flow, layout, paths);
  const gates = shownGates(flow, moves, state.paths === 100);
  return { layout, flow, moves, gates, carried, paths };
}

function eventsShown(flow) {
  return flow.events.reduce((sum, one) => sum + one, 0);
}

// Of every 100, rounded down: what is not whole is never called so.
function ofHundred(some, whole) {
  return whole ? Math.floor((100 * some) / whole + 1e-9) : 100;
}

function stepsWithEvents(flow) {
  return flow.events.reduce((sum, one) => sum + (one > 0), 0);
}
