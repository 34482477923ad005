// Paths: the different ways that cases took, the most frequent first, each as a row of chevrons.

const MORE = 40;
const COLOURS = 10;
let pathsPane;
let pathsShown = MORE;

function buildPaths() {
  pathsPane = element("div", { class: "paths" });
  return pathsPane;
}

function drawPaths() {
  if (state.tab !== "paths") return;
  const rows = ROWS ? pathsOfRows() : pathsOfCells();
  const all = ROWS ? flowNow().cases : DATA.cells.groups[0].cases;
  let upto = 0;
  const body = rows.slice(0, pathsShown).map((row, at) => {
    upto += row.n;
    return pathRow(row, at, all, upto);
  });
  const head = ["explorer.paths.number", "explorer.paths.cases", "explorer.paths.upto", "explorer.paths.half",
    "explorer.paths.way"];
  const table = element("table", {}, element("caption", {}, pathsCaption(rows, all)),
    element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col" }, say(key))))),
    element("tbody", {}, ...body));
  const more = rows.length > pathsShown ? element("button", { type: "button", onclick: morePaths },
    say("explorer.paths.more", { n: Math.min(MORE, rows.length - pathsShown), all: rows.length })) : null;
  pathsPane.replaceChildren(element("div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": say("explorer.tab.paths") }, table),
    ...(more ? [more] : []));
}

function morePaths() {
  pathsShown += MORE;
  drawPaths();
}

function pathsOfRows() {
  const rows = [];
  pathCounts().forEach((n, path) => { if (n) rows.push({ path, n }); });
  rows.sort((one, two) => two.n - one.n || one.path - two.path);
  addHalves(rows.slice(0, pathsShown));
  return rows;
}

// Half of the finished cases of each path took at most this long, from arrival to end.
function addHalves(rows) {
  const wanted = new Map(rows.map((row) => [row.path, []]));
  const spans = ROWS.clocks[state.clock].span;
  eachKept((one) => {
    const list = wanted.get(ROWS.path[one]);
    if (list && !ROWS.open[one]) list.push(spans[one]);
  });
  for (const row of rows) {
    row.steps = stepsOf(row.path);
    row.half = quantile(Float64Array.from(wanted.get(row.path)).sort(), 0.5);
    row.finished = wanted.get(row.path).length;
  }
}

function pathsOfCells() {
  return DATA.cells.paths;
}

function pathsCaption(rows, all) {
  if (!ROWS) return say("explorer.paths.safe", { n: rows.length, least: DATA.least });
  return say("explorer.paths.caption", { paths: rows.length, cases: all });
}

function pathRow(row, at, all, upto) {
  const half = row.half === null ? "–" : span(row.half, ROWS ? ROWS.days[state.clock] : DAY);
  const only = ROWS ? element("button", { type: "button", class: "link",
    "aria-label": say("explorer.only.path", { n: at + 1 }),
    onclick: () => { change({ tab: "map" }); addFilter({ kind: "path", path: row.path }); } },
      count(at + 1)) : count(at + 1);
  const steps = row.steps.length ? Array.from(row.steps, chevron) : [element("li", {}, say("explorer.paths.empty"))];
  return element("tr", {}, element("td", { class: "number" }, only),
    element("td", { class: "number", "data-exact": row.n },
      say("explorer.paths.share", { n: row.n, share: all ? row.n / all : 0 })),
    element("td", { class: "number" }, percent(all ? Math.min(upto / all, 1) : 0)),
    element("td", { class: "number", "data-exact": row.half }, half),
    element("td", {}, element("ol", { class: "chevrons" }, ...steps)));
}

function chevron(step) {
  return element("li", { class: `colour${step % COLOURS}`, title: DATA.names[step] }, named(DATA.names[step]));
}
