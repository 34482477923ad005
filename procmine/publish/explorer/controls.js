// Controls: sliders, what the arrows tell, and the filters, which stay in sight.

let stack;
let status;
let pathsSlider;
let stepsSlider;
const inOrder = new Intl.Collator(DATA.language, { numeric: true });
const groups = {}; // radio buttons by what they choose

function buildControls() {
  stepsSlider = slider("explorer.slider.steps", 1, DATA.drawn, () => state.k, (k) => change({ k }));
  pathsSlider = slider("explorer.slider.paths", 0, 100, () => state.paths, (paths) => change({ paths }));
  const measures = ["count", "half", "most", "total"].map((one) => [one, say(`explorer.measure.${one}`)]);
  const parts = [stepsSlider.box, pathsSlider.box, choice("measure", "explorer.measure", measures)];
  if (ROWS && ROWS.clocks.length > 1) {
    parts.push(choice("clock", "explorer.clock",
      [[0, say("explorer.clock.calendar")], [1, say("explorer.clock.working")]]));
  }
  if (DATA.change) parts.push(choice("view", "explorer.view", viewsThere()));
  return element("div", { class: "controls" }, ...parts);
}

function viewsThere() {
  const { day, drawn: compared, claim } = DATA.change;
  const date = dayOf(dayNumber(day));
  const views = [["all", say("explorer.view.all")], ["before", say("explorer.before.day", { day: date })],
    ["after", say("explorer.after.day", { day: date })]];
  return compared || claim === undefined ? [...views, ["difference", say("explorer.view.difference")]] : views;
}

function slider(key, low, high, value, act) {
  const id = key.replaceAll(".", "-");
  const input = element("input", { type: "range", id, min: low, max: high, value: value() === null ? high : value(),
    oninput: (event) => act(Number(event.target.value)) });
  const out = element("output", { for: id });
  const label = element("label", { for: id }, say(key));
  return { input, out, box: element("div", { class: "slider" }, element("div", {}, label, out), input) };
}

function choice(name, key, options) {
  const radios = options.map(([value, text]) => element("label", {},
    element("input", { type: "radio", name, value, checked: state[name] === value,
      onchange: () => change({ [name]: value }) }), element("span", {}, text)));
  groups[name] = radios.map((label, at) => [options[at][0], label.firstChild]);
  return element("fieldset", { class: "choice" }, element("legend", {}, say(key)), element("div", {}, ...radios));
}

function buildFilters() {
  stack = element("ul", { class: "stack", "aria-label": say("explorer.filters") });
  status = element("p", { class: "status", role: "status", "aria-live": "polite" });
  const add = ROWS ? filterForm() : cellsForm();
  return element("div", { class: "filters" }, add, stack);
}

function buildStatus() {
  return element("div", { class: "told" }, status, ...sampleNote());
}

function sampleNote() {
  if (!ROWS) return [element("p", { class: "about" }, say("explorer.how.cells", { least: DATA.least }))];
  if (DATA.all === ROWS.n) return [];
  return [element("p", { class: "sample" }, say("explorer.sample", { cases: ROWS.n, all: DATA.all }))];
}

// ---- filters over cases

function filterForm() {
  const kinds = [...ROWS.attributes.map((one, at) => [`attribute ${at}`, one.name]), ["begun", say("explorer.begun")],
    ["open", say("explorer.filter.open")], ["with", say("explorer.filter.with")],
      ["without", say("explorer.filter.without")]];
  const values = element("span", { class: "values" });
  const kind = element("select", { "aria-label": say("explorer.filter.by"), onchange: () => valuesFor(kind.value, values) },
    ...kinds.map(([value, text]) => element("option", { value }, text)));
  const form = element("form", { class: "add", onsubmit: (event) => {
    event.preventDefault();
    const filter = filterOf(kind.value, values);
    if (filter) addFilter(filter);
  } }, element("span", { class: "lead" }, say("explorer.filter.only")), kind, values,
    element("button", {}, say("explorer.filter.add")));
  valuesFor(kind.value, values);
  return form;
}

function valuesFor(kind, values) {
  const named = { "aria-label": say("explorer.filter.value") };
  const options = (list) => element("select", named, ...list.map(([value, text]) => element("option", { value }, text)));
  if (kind === "begun") {
    const date = (key) => element("label", {}, say(key), element("input", { type: "date" }));
    return values.replaceChildren(date("explorer.filter.from"), date("explorer.filter.to"));
  }
  if (kind === "open") return values.replaceChildren(options([["1", say("explorer.open")],
    ["0", say("explorer.finished")]]));
  if (!kind.startsWith("attribute")) return values.replaceChildren(options(DATA.names.map((name, step) => [step, name])));
  const attribute = ROWS.attributes[Number(kind.split(" ")[1])];
  const list = attribute.values.map((value, at) => [at, value]).sort(([, one], [, two]) => inOrder.compare(one, two));
  const missing = attribute.codes.includes(list.length) ? [[list.length, say("explorer.missing")]] : [];
  return values.replaceChildren(options([...list, ...missing]));
}

function filterOf(kind, values) {
  if (kind === "begun") {
    const [from, to] = Array.from(values.querySelectorAll("input"), (one) => (one.value ? dayNumber(one.value) : null));
    return from === null && to === null ? null : { kind, from, to };
  }
  const chosen = Number(values.querySelector("select").value);
  if (kind === "open") return { kind, open: chosen === 1 };
  if (kind === "with" || kind === "without") return { kind: "step", step: chosen, through: kind === "with" };
  return { kind: "attribute", attribute: Number(kind.split(" ")[1]), codes: [chosen] };
}

// Two values of one attribute are alternatives; all else must hold together.
function addFilter(filter) {
  const same = filter.kind === "attribute"
    && state.filters.find((one) => one.kind === "attribute" && one.attribute === filter.attribute);
  const others = state.filters.filter((one) => one !== same && JSON.stringify(one) !== JSON.stringify(filter));
  const joint = same ? { ...same, codes: [...new Set([...same.codes, ...filter.codes])] } : filter;
  change({ filters: [...others, joint], way: null });
}

function filterText(filter) {
  if (filter.kind === "attribute") {
    const { name, values } = ROWS.attributes[filter.attribute];
    const chosen = filter.codes.map((code) => (code < values.length ? values[code] : say("explorer.missing")));
    return saidOf("explorer.filter.is", { name, value: chosen.join(", ") });
  }
  if (filter.kind === "begun") return [begunText(filter)];
  if (filter.kind === "open") return [say(filter.open ? "explorer.open" : "explorer.finished")];
  if (filter.kind === "path") return [say("explorer.filter.path"), ": ", pathText(filter.path, 5)];
  return saidOf(filter.through ? "explorer.filter.through" : "explorer.filter.not_through",
    { step: DATA.names[filter.step] });
}

function begunText({ from, to }) {
  const values = { from: from === null ? "" : dayOf(from), to: to === null ? "" : dayOf(to) };
  return say(`explorer.filter.begun.${from === null ? "to" : to === null ? "from" : "both"}`, values);
}

// ---- one attribute at a time, over counts made beforehand

function cellsForm() {
  const { groups: cells, splits } = DATA.cells;
  if (!splits.length) return element("p", { class: "about" }, say("explorer.cells.none"));
  const option = (group, at) => element("option", { value: at },
    group.attribute ? `${group.attribute}: ${group.value}` : say("explorer.cells.all"));
  const select = element("select", { id: "cells", onchange: () => change({ group: Number(select.value) }) },
    ...cells.map(option));
  return element("p", { class: "add" }, element("label", { for: "cells" }, say("explorer.cells.one")), select);
}

// ---- what is shown now

function drawControls(seen) {
  const { flow } = seen;
  stepsSlider.input.value = state.k;
  pathsSlider.input.value = seen.paths;
  stepsSlider.out.textContent = say("explorer.slider.steps.out", { steps: state.k, all: DATA.names.length });
  pathsSlider.out.textContent = say("explorer.slider.paths.out", { n: ofHundred(seen.carried, flow.allMoves) });
  stepsSlider.input.setAttribute("aria-valuetext", stepsSlider.out.textContent);
  pathsSlider.input.setAttribute("aria-valuetext", pathsSlider.out.textContent);
  for (const name of Object.keys(groups)) for (const [value, input] of groups[name]) input.checked = value === state[name];
  const choices = [...groups.measure, ...(groups.clock || [])].map(([, one]) => one);
  for (const input of [stepsSlider.input, pathsSlider.input, ...choices]) {
    input.disabled = Boolean(difference());
  }
  drawStack();
  status.textContent = statusText(seen);
}

function drawStack() {
  const items = state.filters.map((filter, at) => element("li", {}, element("span", {}, ...filterText(filter)),
    element("button", { type: "button", "aria-label": say("explorer.filter.remove"),
      onclick: () => removeFilter(at) }, "×")));
  const all = items.length > 1 ? [element("li", { class: "clear" }, element("button", { type: "button",
    onclick: () => change({ filters: [], way: null }) }, say("explorer.filter.clear")))] : [];
  stack.replaceChildren(...items, ...all);
  stack.hidden = !items.length;
}

function removeFilter(at) {
  change({ filters: state.filters.filter((_, place) => place !== at), way: null });
  const left = stack.querySelector("button") || document.querySelector(".add button");
  if (left) left.focus();
}

function statusText(seen) {
  const { flow } = seen;
  if (state.view === "difference") {
    return DATA.change.drawn ? `${DATA.change.title}. ${say("explorer.view.compared")}` : DATA.change.said[0];
  }
  const all = ROWS ? ROWS.n : DATA.cells.groups[0].cases;
  const key = !ROWS ? "explorer.status.cells" : flow.cases === all ? "explorer.status.all" : "explorer.status";
  return say(flow.cases ? key : "explorer.status.none", {
    steps: stepsWithEvents(flow), all: DATA.names.length, events: ofHundred(eventsShown(flow), flow.allEvents),
    moves: ofHundred(seen.carried, flow.allMoves), cases: flow.cases, whole: all,
  });
}
