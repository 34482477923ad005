// Map: boxes and arrows in the places that were worked out for them; what is hidden stays as a faint outline.

const GAP = 26; // how far an arrow without a place of its own swings out
const HEAD = 8;
const TALLEST = 1000; // pixels of the map on the page
const MOST_LABELS = 110; // more arrows, and only those with a place of their own have their label
const view = { x: 0, y: 0, scale: 1, layout: null };
let pane;
let paneWidth = 0;
let svg;
let world;
let arrowLayer;
let labelLayer;
let boxLayer;
let gateLayer;
const boxes = []; // per step its element and texts

function buildMap() {
  arrowLayer = drawn("g", { class: "arrows", "aria-hidden": "true" });
  gateLayer = drawn("g", { class: "gates", "aria-hidden": "true" });
  boxLayer = drawn("g", { class: "boxes" });
  labelLayer = drawn("g", { class: "labels", "aria-hidden": "true" });
  world = drawn("g", {}, arrowLayer, gateLayer, labelLayer, boxLayer);
  svg = drawn("svg", { class: "map", role: "group", tabindex: -1, "aria-label": say("explorer.map.label") }, world);
  DATA.boxes.forEach((_, step) => boxes.push(buildBox(step)));
  boxLayer.append(...boxes.map((box) => box.group));
  pane = element("div", { class: "pane" }, svg, zoomButtons());
  svg.addEventListener("wheel", wheeled, { passive: false });
  withPointer();
  new ResizeObserver(resized).observe(pane);
  return pane;
}

function resized() {
  if (!view.layout || pane.clientWidth === paneWidth) return;
  paneWidth = pane.clientWidth;
  tall();
}

function buildBox(step) {
  const { lines, w, h } = DATA.boxes[step];
  const rect = drawn("rect", { x: -w / 2, y: -h / 2, width: w, height: h, rx: 5 });
  const name = drawn("text", { class: "name" });
  lines.forEach((line, at) => name.append(drawn("tspan", { x: 0, y: -h / 2 + 17 + 15 * at }, line)));
  const notes = [0, 1].map((at) => drawn("text", { class: "note", y: -h / 2 + 17 + 15 * lines.length + 14 * at }));
  const title = drawn("title", {}, DATA.names[step]);
  const group = drawn("g", {
    class: "box", role: "button", tabindex: -1, "data-step": step, onclick: () => select({ step }),
    onkeydown: (event) => boxKey(event, step), onfocus: () => focused(step),
  }, title, rect, name, ...notes);
  return { group, rect, notes };
}

function zoomButtons() {
  const button = (key, act) => element("button", { type: "button", "aria-label": say(key), title: say(key), onclick: act },
    { "explorer.zoom.in": "+", "explorer.zoom.out": "−", "explorer.zoom.fit": "⤢" }[key]);
  return element("div", { class: "zoom", role: "group", "aria-label": say("explorer.zoom") },
    button("explorer.zoom.in", () => zoom(1.25)), button("explorer.zoom.out", () => zoom(0.8)),
    button("explorer.zoom.fit", fit));
}

// ---- drawing

function drawMap(seen) {
  const turned = view.layout !== seen.layout;
  view.layout = seen.layout;
  placeBoxes(seen);
  const told = difference();
  const arrows = told ? differentArrows(told) : [...seen.moves, ...seen.gates];
  drawArrows(seen, arrows, told);
  drawGates(seen.layout, arrows);
  svg.classList.toggle("time", state.measure !== "count");
  if (turned) tall();
}

// As high as the map wants, within reason: letters stay readable, and the page can be scrolled.
function tall() {
  const [w, h] = view.layout.size;
  const scale = Math.min((pane.clientWidth - 24) / w, 0.9);
  pane.style.height = `${Math.round(Math.min(Math.max(h * scale + 24, 420), TALLEST))}px`;
  fit();
}

function placeBoxes(seen) {
  const told = difference();
  const looks = new Map(told ? told.boxes.map((box) => [box.step, box]) : []);
  const most = Math.max(seen.flow.events.reduce((high, one) => Math.max(high, one), 0), 1);
  boxes.forEach((box, step) => {
    const there = step < seen.layout.upto;
    const shown = there && (told ? looks.has(step) : step < state.k);
    box.group.classList.toggle("away", !there);
    box.group.classList.toggle("ghost", there && !shown);
    box.group.setAttribute("aria-hidden", String(!shown));
    if (!there) return;
    const [x, y] = seen.layout.boxes[step];
    box.group.style.transform = `translate(${x}px, ${y}px)`;
    if (shown) told ? noteDifference(box, looks.get(step)) : noteBox(box, step, seen, most);
  });
  rove(seen);
}

function noteBox(box, step, { flow }, most) {
  const n = flow.events[step];
  const shade = Math.min(Math.floor((n / most) * 5), 4);
  const loop = step * flow.k + step;
  const again = flow.n[loop] ? labelOf(flow, state.measure, { pair: loop, n: flow.n[loop] }).join(" · ") : "";
  box.rect.setAttribute("class", `shade${n ? shade : 0}`);
  box.notes[0].textContent = say("map.label.count", { n });
  box.notes[1].textContent = again && say("map.label.again", { label: again });
  markBox(box, step, n);
  box.group.setAttribute("aria-label", say("explorer.step.label", { step: DATA.names[step], n }));
}

function noteDifference(box, told) {
  box.rect.setAttribute("class", `look-${told.look}`);
  box.notes.forEach((note, at) => { note.textContent = told.note[at] || ""; });
  markBox(box, told.step, 1);
  box.group.setAttribute("aria-label", `${DATA.names[told.step]}: ${told.note.join(", ")}`);
}

function markBox(box, step, n) {
  const chosen = Boolean(state.selected && state.selected.step === step);
  box.group.classList.toggle("none", !n);
  box.group.classList.toggle("light", ["shade3", "shade4"].includes(box.rect.getAttribute("class")));
  box.group.classList.toggle("chosen", chosen || Boolean(state.way && state.way.has(step)));
  box.group.setAttribute("aria-pressed", String(chosen));
}

function differentArrows(told) {
  return told.arrows.filter((one) => inLayout(one.from) && inLayout(one.to))
    .map((one) => ({ ...one, key: `${one.from}>${one.to}`,
      gate: typeof one.from === "string" || typeof one.to === "string" }));
}

function inLayout(end) {
  return typeof end === "string" || end < view.layout.upto;
}

function drawArrows(seen, arrows, told) {
  arrowLayer.replaceChildren();
  labelLayer.replaceChildren();
  const weight = told ? (one) => one.weight : weigher(seen.flow, state.measure, seen.moves);
  const crowded = arrows.length > MOST_LABELS;
  const taken = [];
  const ordered = [...arrows].sort((one, two) => weight(one) - weight(two));
  const pieces = ordered.map((arrow) => {
    const route = routeOf(seen.layout, arrow);
    const lines = told ? arrow.label : labelOf(seen.flow, state.measure, arrow);
    return { arrow, route, lines, weight: weight(arrow) };
  });
  for (const piece of pieces) if (piece.route.own) taken.push(labelRoom(piece, seen.layout));
  if (!crowded) taken.push(...boxRooms(seen.layout));
  for (const piece of pieces) {
    arrowLayer.append(drawArrow(piece, seen, told));
    const room = !piece.route.own && !crowded && freeRoom(piece, seen.layout, taken);
    if ((piece.route.own || room) && piece.lines.length) labelLayer.append(drawLabel(piece, room, seen.layout));
  }
}

function drawArrow({ arrow, route, weight, lines }, { flow }, told) {
  const over = !told && flow.direct && arrow.pair !== undefined && 2 * flow.direct[arrow.pair] < arrow.n;
  const chosen = isChosen(arrow);
  const look = told ? `look-${arrow.look}` : `weight${Math.min(Math.floor(weight * 5), 4)}`;
  const group = drawn("g", { class: `arrow ${look}${over ? " over" : ""}${chosen ? " chosen" : ""}`,
    "data-key": arrow.key },
    drawn("title", {}, `${nameOf(arrow.from)} → ${nameOf(arrow.to)}: ${lines.join(", ")}`),
    drawn("path", { class: "line", d: pathOf(route), "stroke-width": (1.1 + 4 * weight).toFixed(2) }),
    drawn("path", { class: "head", d: headOf(route.points, 5 + 3 * weight) }),
    drawn("path", { class: "hit", d: pathOf(route) }));
  if (!arrow.gate) group.addEventListener("click", () => select({ from: arrow.from, to: arrow.to }));
  return group;
}

function isChosen(arrow) {
  const { selected, way } = state;
  if (selected && selected.from === arrow.from && selected.to === arrow.to && selected.to !== undefined) return true;
  return Boolean(way && way.has(arrow.key));
}

function nameOf(end) {
  return typeof end === "string" ? say(`explorer.gate.${end}`) : DATA.names[end];
}

function labelSize(lines, layout) {
  const said = layout.across || difference() ? lines : [lines.join(" · ")];
  const wide = Math.max(...said.map((line) => line.length)) * 6.3 + 4;
  return { said, wide, high: 14 * said.length };
}

function labelRoom({ route, lines }, layout) {
  const { wide, high } = labelSize(lines, layout);
  return { x: route.label[0], y: route.label[1], w: wide, h: high };
}

// A place along the arrow where its label covers no box and no other label; else none.
function freeRoom(piece, layout, taken) {
  const { wide: w, high: h } = labelSize(piece.lines, layout);
  for (const t of [0.5, 0.35, 0.65, 0.25, 0.75]) {
    const [x, y] = along(piece.route.points, t);
    const room = { x, y, w, h };
    if (!taken.some((one) => overlap(one, room))) {
      taken.push(room);
      return room;
    }
  }
  return null;
}

function boxRooms(layout) {
  return layout.boxes.map(([x, y], step) => ({ x, y, w: DATA.boxes[step].w, h: DATA.boxes[step].h }));
}

function overlap(one, two) {
  return Math.abs(one.x - two.x) * 2 < one.w + two.w && Math.abs(one.y - two.y) * 2 < one.h + two.h;
}

function drawLabel({ arrow, route, lines }, room, layout) {
  const { said, wide, high } = labelSize(lines, layout);
  const [x, y] = room ? [room.x, room.y] : route.label;
  const group = drawn("g", { class: `label${isChosen(arrow) ? " chosen" : ""}` },
    drawn("rect", { x: x - wide / 2, y: y - high / 2, width: wide, height: high, rx: 3 }));
  said.forEach((line, at) => group.append(drawn("text", { x, y: y - high / 2 + 11 + 14 * at }, line)));
  if (!arrow.gate) group.addEventListener("click", () => select({ from: arrow.from, to: arrow.to }));
  return group;
}

function drawGates(layout, arrows) {
  const there = new Set(arrows.flatMap((arrow) => [arrow.from, arrow.to]).filter((end) => typeof end === "string"));
  gateLayer.replaceChildren(...[...there].map((gate) => {
    const [x, y] = layout.gates[gate];
    const sign = { start: "▶", end: "■", open: "⋯" }[gate];
    return drawn("g", { class: `gate ${gate}` }, drawn("title", {}, nameOf(gate)), drawn("circle", { cx: x, cy: y, r: 10 }),
      drawn("text", { x, y: y + 4 }, sign));
  }));
}

// ---- routes: the arranged one, else a curve of our own

function routeOf(layout, arrow) {
  const route = layout.routes[arrow.key];
  if (route) {
    const [a, b] = [pairsOf(route.a), pairsOf(route.b)];
    return { own: true, points: b, first: a, label: route.l };
  }
  const points = curve(layout, arrow);
  return { own: false, points, first: null, label: along(points, 0.5) };
}

function pairsOf(flat) {
  const points = [];
  for (let at = 0; at < flat.length; at += 2) points.push([flat[at], flat[at + 1]]);
  return points;
}

function roomOf(layout, end) {
  if (typeof end === "string") return { at: layout.gates[end], w: 20, h: 20 };
  return { at: layout.boxes[end], w: DATA.boxes[end].w, h: DATA.boxes[end].h };
}

// Onwards from side to side of the flow; back, or beside, by a curve that swings out.
function curve(layout, arrow) {
  const one = roomOf(layout, arrow.from);
  const two = roomOf(layout, arrow.to);
  return layout.across ? turned(swing(flip(one), flip(two))) : swing(one, two);
}

function flip({ at, w, h }) {
  return { at: [at[1], at[0]], w: h, h: w };
}

function turned(points) {
  return points.map(([x, y]) => [y, x]);
}

function swing(one, two) {
  const [x0, y0] = one.at;
  const [x1, y1] = two.at;
  if (y1 - two.h / 2 > y0 + one.h / 2) {
    const start = [x0 + one.w * 0.18 * Math.sign(x1 - x0 || 1), y0 + one.h / 2];
    const stop = [x1 - two.w * 0.18 * Math.sign(x1 - x0 || 1), y1 - two.h / 2];
    const bend = (stop[1] - start[1]) * 0.45;
    return [start, [start[0], start[1] + bend], [stop[0], stop[1] - bend], stop];
  }
  const side = x1 >= x0 ? 1 : -1;
  const out = GAP + 0.12 * Math.abs(y1 - y0);
  const start = [x0 + (side * one.w) / 2, y0 + one.h * 0.2];
  const stop = [x1 + (side * two.w) / 2, y1 - two.h * 0.2];
  const far = side > 0 ? Math.max(start[0], stop[0]) + out : Math.min(start[0], stop[0]) - out;
  return [start, [far, start[1]], [far, stop[1]], stop];
}

function pathOf({ first, points }) {
  const at = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;
  const curves = (list) => list.slice(1).map((point, place) => (place % 3 ? "" : "C") + at(point)).join(" ");
  const begin = (list) => `M${at(list[0])} ${curves(list)}`;
  const [short] = shortened(points);
  return first ? `${begin(first)} L${at(short[0])} ${curves(short)}` : begin(short);
}

// The line ends a little before the tip of its head.
function shortened(points) {
  const tip = points[points.length - 1];
  const before = points[points.length - 2];
  const long = Math.hypot(tip[0] - before[0], tip[1] - before[1]) || 1;
  const back = Math.min(HEAD * 0.8, long * 0.8) / long;
  const end = [tip[0] - (tip[0] - before[0]) * back, tip[1] - (tip[1] - before[1]) * back];
  return [[...points.slice(0, -1), end], tip];
}

function headOf(points, half) {
  const [x, y] = points[points.length - 1];
  const before = points[points.length - 2];
  const long = Math.hypot(x - before[0], y - before[1]) || 1;
  const [dx, dy] = [(x - before[0]) / long, (y - before[1]) / long];
  const foot = [x - dx * HEAD * 1.15, y - dy * HEAD * 1.15];
  const wide = half * 0.7;
  const corner = (sign) => `${(foot[0] - sign * dy * wide).toFixed(1)},${(foot[1] + sign * dx * wide).toFixed(1)}`;
  return `M${x},${y} L${corner(1)} L${corner(-1)} Z`;
}

// A point on a cubic curve.
function along(points, t) {
  const [a, b, c, d] = points;
  const parts = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  return [0, 1].map((side) => parts[0] * a[side] + parts[1] * b[side] + parts[2] * c[side] + parts[3] * d[side]);
}

// ---- zoom, pan

function show() {
  world.setAttribute("transform", `translate(${view.x.toFixed(2)} ${view.y.toFixed(2)}) scale(${view.scale.toFixed(4)})`);
  moved.forEach((listener) => listener());
}

const moved = [];

function fit() {
  if (!view.layout || !pane.clientWidth) return;
  const [w, h] = view.layout.size;
  const room = [pane.clientWidth - 24, pane.clientHeight - 24];
  view.scale = Math.min(room[0] / w, room[1] / h, 1.3);
  view.x = 12 + (room[0] - w * view.scale) / 2;
  view.y = 12 + (room[1] - h * view.scale) / 2;
  show();
}

function zoom(by, at = [pane.clientWidth / 2, pane.clientHeight / 2]) {
  const scale = Math.min(Math.max(view.scale * by, 0.05), 8);
  view.x = at[0] - ((at[0] - view.x) * scale) / view.scale;
  view.y = at[1] - ((at[1] - view.y) * scale) / view.scale;
  view.scale = scale;
  show();
}

// Without Ctrl the wheel moves the page, until the map has been clicked.
function wheeled(event) {
  if (!event.ctrlKey && !pane.matches(":focus-within")) return;
  event.preventDefault();
  const box = svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0015), [event.clientX - box.left, event.clientY - box.top]);
}

// ---- drag and pinch

const fingers = new Map(); // where each finger, or the mouse, is pressed
let travelled = 0;

function pressed(event) {
  if (event.button === 0) fingers.set(event.pointerId, [event.clientX, event.clientY]);
}

// The map goes with the fingers, and two of them change its size.
function dragged(event) {
  const last = fingers.get(event.pointerId);
  if (!last) return;
  const before = spread();
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  const after = spread();
  travelled += Math.hypot(event.clientX - last[0], event.clientY - last[1]);
  if (travelled <= 4) return;
  svg.classList.add("dragging");
  view.x += after.x - before.x;
  view.y += after.y - before.y;
  const corner = svg.getBoundingClientRect();
  zoom(after.wide / before.wide, [after.x - corner.left, after.y - corner.top]);
}

function spread() {
  const all = [...fingers.values()];
  const [x, y] = [0, 1].map((side) => all.reduce((sum, one) => sum + one[side], 0) / all.length);
  const wide = all.length > 1 ? Math.max(Math.hypot(all[0][0] - all[1][0], all[0][1] - all[1][1]), 1) : 1;
  return { x, y, wide };
}

// The click that ends a drag comes before the timer, and chooses nothing.
function released(event) {
  fingers.delete(event.pointerId);
  if (fingers.size) return;
  svg.classList.remove("dragging");
  setTimeout(() => { travelled = 0; });
}

function withPointer() {
  svg.addEventListener("pointerdown", pressed);
  window.addEventListener("pointermove", dragged);
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, released);
  svg.addEventListener("touchstart", (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });
  svg.addEventListener("click", (event) => { if (travelled > 4) event.stopPropagation(); }, true);
}

// ---- keys: one stop of the tab key; arrows follow the arrows of the map

let lastFocused = 0;

function rove({ flow }) {
  const able = (step) => !boxes[step].group.classList.contains("ghost") && !boxes[step].group.classList.contains("away");
  if (!able(lastFocused)) lastFocused = Math.max(0, boxes.findIndex((_, step) => able(step)));
  boxes.forEach((box, step) => box.group.setAttribute("tabindex", step === lastFocused && able(step) ? 0 : -1));
  if (!flow.cases && boxes.length) boxes[lastFocused].group.setAttribute("tabindex", 0);
}

// Under the mouse the map stands still: else the click would end beside what it began on.
function focused(step) {
  boxes[lastFocused].group.setAttribute("tabindex", -1);
  boxes[step].group.setAttribute("tabindex", 0);
  lastFocused = step;
  if (boxes[step].group.matches(":focus-visible")) intoView(step);
}

function intoView(step) {
  const at = view.layout.boxes[step];
  const [x, y] = [at[0] * view.scale + view.x, at[1] * view.scale + view.y];
  const margin = 60;
  view.x += Math.max(margin - x, 0) - Math.max(x - (pane.clientWidth - margin), 0);
  view.y += Math.max(margin - y, 0) - Math.max(y - (pane.clientHeight - margin), 0);
  show();
}

// Down, right: on along the most frequent arrow; up, left: back along it. With Shift: the next most frequent one.
function boxKey(event, step) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    select({ step });
    return;
  }
  if (mapKey(event)) return;
  const onward = { ArrowDown: 0, ArrowRight: 1, ArrowUp: 2, ArrowLeft: 3, Home: 4, End: 5 }[event.key];
  if (onward === undefined) return;
  event.preventDefault();
  const next = onward > 3 ? endOf(onward) : neighbour(step, onward);
  if (next !== null) boxes[next].group.focus();
}

function endOf(key) {
  const shown = boxes.map((_, step) => step).filter((step) => step < state.k);
  return key === 4 ? shown[0] : shown[shown.length - 1];
}

// Down and up follow the most frequent arrow out of and into the step; right and left the second.
function neighbour(step, key) {
  const { moves } = seenLast;
  const out = key < 2;
  const ways = moves.filter((move) => (out ? move.from : move.to) === step).sort((one, two) => two.n - one.n);
  const way = ways[key % 2] || ways[0];
  return way ? (out ? way.to : way.from) : null;
}

function mapKey(event) {
  const act = { "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit }[event.key];
  if (!act || event.ctrlKey || event.metaKey) return false;
  event.preventDefault();
  act();
  return true;
}

function select(what) {
  change({ selected: what });
  for (const part of [detailPane, document.getElementById("detail")]) part.scrollIntoView({ block: "nearest" });
}
