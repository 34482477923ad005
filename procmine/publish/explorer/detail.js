// Detail: what is known of the step or the arrow chosen: how long, how often, who waits there, which paths pass.

const BINS = 24;
const MOST_LISTED = 6;
let detailPane;

function buildDetail() {
  detailPane = element("aside", { class: "detail", "aria-label": say("explorer.detail.label") });
  return detailPane;
}

function drawDetail(seen) {
  const { selected } = state;
  const of = selected && (selected.step !== undefined ? stepDetail : arrowDetail);
  const told = of ? of(selected, seen).filter((one) => one !== null) : nothingChosen(seen);
  detailPane.replaceChildren(...told);
}

// Until something is chosen: the arrows on which most time passes, as a way in.
function nothingChosen({ flow }) {
  const moves = movesOf(flow).filter((move) => flow.share(move.pair) > 0);
  moves.sort((one, two) => flow.share(two.pair) - flow.share(one.pair));
  const rows = moves.slice(0, MOST_LISTED).map((move) => element("li", {}, moveLink(move),
    element("span", { class: "number" }, percent(flow.share(move.pair)))));
  const list = rows.length ? [element("h3", {}, say("explorer.detail.heaviest")), element("ol", { class: "ways" }, ...rows)] : [];
  return [element("p", { class: "hint" }, say("explorer.detail.hint")), ...list];
}

function moveLink({ from, to }) {
  return element("button", { type: "button", class: "link", onclick: () => select({ from, to }) },
    named(DATA.names[from]), " → ", named(DATA.names[to]));
}

function detailHead(...title) {
  const shut = element("button", { type: "button", class: "shut", "aria-label": say("explorer.detail.close"),
    onclick: closed }, "×");
  return element("div", { class: "detail-head" }, element("h2", { id: "detail", tabindex: -1 }, ...title), shut);
}

function closed() {
  const { selected } = state;
  change({ selected: null });
  const step = selected.step !== undefined ? selected.step : selected.from;
  if (boxes[step] && state.tab === "map") boxes[step].group.focus();
}

function stepDetail({ step }, seen) {
  const head = [detailHead(named(DATA.names[step])), ...comparedTold("boxes", (one) => one.step === step, "note")];
  if (step >= state.k) return [...head, element("p", {}, say("explorer.detail.hidden"))];
  const { flow } = seen;
  const pairs = range(state.k).map((before) => before * state.k + step).filter((pair) => flow.n[pair]);
  const lengths = flow.lengths ? joined(pairs.map(flow.lengths)) : null;
  return [
    ...head,
    element("p", { class: "big" }, howOften(flow.events[step], casesWith(step))),
    ...(lengths ? lengthsTold(lengths, flow.day, "explorer.detail.before") : []),
    waitingThere(step, seen),
    ...neighbours(step, seen),
    ...pathsThrough((path) => pathHas(path, step)),
    filterButtons(step),
  ];
}

function arrowDetail({ from, to }, seen) {
  const { flow } = seen;
  const head = [detailHead(named(DATA.names[from]), " → ", named(DATA.names[to])),
    ...comparedTold("arrows", (one) => one.from === from && one.to === to, "label")];
  const pair = from * state.k + to;
  if (from >= state.k || to >= state.k || !flow.n[pair]) return [...head, element("p", {}, say("explorer.detail.no_move"))];
  const share = flow.share(pair);
  return [
    ...head,
    element("p", { class: "big" }, howOften(flow.n[pair], casesAlong(from, to))),
    ...(flow.lengths ? lengthsTold(flow.lengths(pair), flow.day, "explorer.detail.move") : cellLengths(flow, pair)),
    element("p", {}, say("explorer.detail.share", { share })),
    waitingThere(from, seen),
    ...pathsThrough((path) => pathGoes(path, from, to)),
  ];
}

// What the map of the difference says of it; what stands below that is of other cases.
function comparedTold(kind, which, lines) {
  const told = difference();
  const found = told && told[kind].find(which);
  if (!told) return [];
  return [...(found ? [element("p", { class: "big" }, found[lines].join(" · "))] : []),
    element("p", { class: "hint" }, say("explorer.detail.beside"))];
}

function range(n) {
  return Array.from({ length: n }, (_, at) => at);
}

function joined(parts) {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all.sort();
}

function howOften(n, cases) {
  return cases === null ? say("explorer.detail.n", { n }) : say("explorer.detail.n_cases", { n, cases });
}

function cellLengths(flow, pair) {
  const [half, most] = [flow.within(pair, 0.5), flow.within(pair, 0.8)];
  const said = [];
  if (half !== null) said.push(say("explorer.detail.half", { half: span(half) }));
  if (most !== null) said.push(say("explorer.detail.most", { most: span(most) }));
  return said.length ? [element("p", {}, said.join(" "))] : [element("p", {},
    say("explorer.detail.few", { least: DATA.least }))];
}

function lengthsTold(lengths, day, key) {
  if (!lengths.length) return [];
  const [half, most] = [quantile(lengths, 0.5), quantile(lengths, 0.8)];
  const said = say(key, { half: span(half, day), most: span(most, day) });
  return [element("p", {}, said), histogram(lengths, half, most, day)];
}

// Up to what 98 of 100 take; the last bar holds all longer ones.
function histogram(lengths, half, most, day) {
  const top = Math.max(quantile(lengths, 0.98), 1);
  const bins = new Array(BINS + 1).fill(0);
  for (const one of lengths) {
    const place = Math.min(Math.floor((one / SECOND / top) * BINS), BINS - 1);
    bins[one / SECOND > top ? BINS : place]++;
  }
  const high = Math.max(...bins);
  const [w, h] = [300, 96];
  const step = w / (BINS + 1);
  const bars = bins.map((n, at) => drawn("rect", {
    class: at === BINS ? "bar rest" : "bar", x: (at * step + 0.5).toFixed(1), width: (step - 1).toFixed(1),
    y: (h - (n / high) * (h - 14)).toFixed(1), height: ((n / high) * (h - 14)).toFixed(1),
  }));
  const line = (length, kind) => {
    const x = Math.min((length / top) * BINS, BINS) * step;
    return drawn("line", { class: kind, x1: x, x2: x, y1: 2, y2: h });
  };
  const text = say("explorer.histogram.label",
    { half: span(half, day), most: span(most, day), n: lengths.length, top: span(top, day) });
  const ends = element("div", { class: "ends", "aria-hidden": "true" }, element("span", {}, "0"),
    element("span", {}, span(top, day)),
    element("span", {}, say("explorer.histogram.longer")));
  return element("div", { class: "histogram" },
    drawn("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": text, preserveAspectRatio: "none" }, ...bars,
      line(half, "half"), line(most, "most")), ends,
    element("p", { class: "key", "aria-hidden": "true" }, element("i", { class: "half" }),
      say("explorer.measure.half"), element("i", { class: "most" }),
      say("explorer.measure.most")));
}

// ---- of cases

function eachKept(act) {
  const mask = maskNow();
  for (let one = 0; one < ROWS.n; one++) if (mask[one]) act(one);
}

function casesWith(step) {
  return ROWS ? countPaths((path) => pathHas(path, step)) : null;
}

function casesAlong(from, to) {
  return ROWS ? countPaths((path) => pathGoes(path, from, to)) : null;
}

function pathCounts() {
  return remembered("paths", JSON.stringify(filtersNow()), () => {
    const counts = new Uint32Array(ROWS.from.length - 1);
    eachKept((one) => { counts[ROWS.path[one]]++; });
    return counts;
  });
}

function countPaths(has) {
  let sum = 0;
  pathCounts().forEach((n, path) => { if (n && has(path)) sum += n; });
  return sum;
}

function stepsOf(path) {
  return ROWS.paths.subarray(ROWS.from[path], ROWS.from[path + 1]);
}

function pathHas(path, step) {
  return stepsOf(path).includes(step);
}

function pathGoes(path, from, to) {
  const shown = stepsOf(path).filter((step) => step < state.k);
  for (let at = 1; at < shown.length; at++) if (shown[at - 1] === from && shown[at] === to) return true;
  return false;
}

// Open cases whose last step shown it is, and how long they have been waiting since.
function waitingThere(step, { flow }) {
  const n = flow.opens[step];
  if (!ROWS) return n ? element("p", { class: "waiting" },
    ...saidOf("explorer.detail.open", { n, step: DATA.names[step] })) : null;
  if (!n) return element("p", { class: "waiting" }, say("explorer.detail.none_open"));
  const half = quantile(waitsAt(step), 0.5);
  return element("p", { class: "waiting" },
    ...saidOf("explorer.detail.open_since", { n, half: span(half, flow.day), step: DATA.names[step] }));
}

function waitsAt(step) {
  const { gap, span: spans } = ROWS.clocks[state.clock];
  const waits = [];
  eachKept((one) => {
    if (!ROWS.open[one]) return;
    let [run, upto, last] = [0, 0, -1];
    for (let at = ROWS.offset[one]; at < ROWS.offset[one + 1]; at++) {
      run += gap[at];
      if (ROWS.step[at] < state.k) [upto, last] = [run, ROWS.step[at]];
    }
    if (last === step) waits.push(spans[one] - upto);
  });
  return Float64Array.from(waits).sort();
}

function neighbours(step, { flow }) {
  const list = (key, pairs) => {
    const listed = pairs.filter(({ pair }) => flow.n[pair]).sort((one, two) => flow.n[two.pair] - flow.n[one.pair]);
    const buttons = listed.slice(0, MOST_LISTED).map(({ pair, other, from, to }) => element("li", {},
      element("button", { type: "button", class: "link", onclick: () => select({ from, to }) }, named(DATA.names[other])),
      element("span", { class: "number" }, say("map.label.times", { n: flow.n[pair] }))));
    return buttons.length ? [element("h3", {}, say(key)), element("ul", { class: "ways" }, ...buttons)] : [];
  };
  const into = range(state.k).map((other) => ({ pair: other * state.k + step, other, from: other, to: step }));
  const out = range(state.k).map((other) => ({ pair: step * state.k + other, other, from: step, to: other }));
  return [...list("explorer.detail.came", into), ...list("explorer.detail.next", out)];
}

function pathsThrough(has) {
  if (!ROWS) return [];
  const counts = pathCounts();
  const through = [];
  counts.forEach((n, path) => { if (n && has(path)) through.push({ path, n }); });
  through.sort((one, two) => two.n - one.n || one.path - two.path);
  const all = through.reduce((sum, one) => sum + one.n, 0);
  const rows = through.slice(0, 5).map(({ path, n }) => element("li", {},
    element("button", { type: "button", class: "link", onclick: () => addFilter({ kind: "path", path }) }, pathText(path)),
    element("span", { class: "number" }, say("explorer.paths.share", { n, share: n / all }))));
  return [element("h3", {}, say("explorer.detail.paths")), element("ol", { class: "ways" }, ...rows)];
}

function pathText(path, most = 12) {
  const steps = Array.from(stepsOf(path));
  const nodes = steps.slice(0, most).flatMap((step, at) => [at ? " → " : "", named(DATA.names[step])]);
  return element("span", {}, ...nodes, steps.length > most ? " → …" : "");
}

function filterButtons(step) {
  if (!ROWS) return null;
  const button = (through) => element("button",
    { type: "button", onclick: () => addFilter({ kind: "step", step, through }) },
    say(through ? "explorer.only.with" : "explorer.only.without"));
  return element("p", { class: "buttons" }, button(true), button(false));
}
