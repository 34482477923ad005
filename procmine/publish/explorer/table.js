// Table: the map as rows, for those who hear a page and those who compare figures.

let tablePane;

function buildTable() {
  tablePane = element("div", { class: "table" });
  return tablePane;
}

function drawTable(seen) {
  if (state.tab !== "table") return;
  const parts = difference() ? [differenceTable(difference())] : [movesTable(seen), stepsTable(seen)];
  tablePane.replaceChildren(...parts);
}

function rowsTable(caption, head, rows) {
  const cells = (row) => row.map((cell, at) => (at ? figure(cell) : element("th", { scope: "row" }, cell)));
  const table = element("table", {}, element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col" }, say(key))))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells(row)))));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
}

// A text, or a text with the exact number that it rounds.
function figure(cell) {
  const [text, exact] = Array.isArray(cell) ? cell : [cell, null];
  return element("td", { class: "number", "data-exact": exact }, text);
}

function movesTable({ flow, moves, layout }) {
  const loops = range(flow.k).map((step) => ({ from: step, to: step, pair: step * flow.k + step,
    n: flow.n[step * flow.k + step] }));
  const listed = [...moves, ...loops.filter((loop) => loop.n)].sort((one, two) => two.n - one.n);
  const rows = listed.map((move) => [
    moveLink(move), [count(move.n), move.n], lengthSaid(flow, move, 0.5), lengthSaid(flow, move, 0.8),
    [percent(flow.share(move.pair)), flow.share(move.pair)],
  ]);
  const head = ["explorer.table.move", "explorer.table.n", "explorer.measure.half", "explorer.measure.most",
    "explorer.measure.total"];
  return rowsTable(say("explorer.table.moves", { n: rows.length }), head, rows);
}

function lengthSaid(flow, move, share) {
  const length = flow.within(move.pair, share);
  return length === null ? "–" : [span(length, flow.day), length];
}

function stepsTable({ flow }) {
  const steps = range(flow.k).filter((step) => flow.events[step]);
  const rows = steps.map((step) => [
    element("button", { type: "button", class: "link", onclick: () => select({ step }) }, named(DATA.names[step])),
    ...["events", "starts", "ends", "opens"].map((kind) => [count(flow[kind][step]), flow[kind][step]]),
  ]);
  const head = ["explorer.table.step", "explorer.table.n", "explorer.gate.start", "explorer.gate.end",
    "explorer.gate.open"];
  return rowsTable(say("explorer.table.steps", { n: rows.length }), head, rows);
}

function differenceTable(told) {
  const said = new Map(told.legend.map((one) => [one.look, one.said]));
  const rows = told.arrows.map((arrow) => [`${nameOf(arrow.from)} → ${nameOf(arrow.to)}`, arrow.label.join(" · "),
    arrow.look === "grey" ? "–" : said.get(arrow.look)]);
  return rowsTable(told.title, ["explorer.table.move", "explorer.table.difference", "explorer.table.stands_out"], rows);
}
