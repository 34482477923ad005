// Start: the page is built once the columns are unpacked; until then, and without scripts, the picture stands.

const TABS = ["map", "paths", "table"];
const tabs = {};

async function start() {
  if (DATA.kind === "rows") {
    if (typeof DecompressionStream === "undefined") return tell(say("explorer.old"));
    ROWS = await unpackedRows(DATA.rows);
    if (DATA.change) state.filters = DATA.change.where.map((one) => ({ kind: "attribute", ...one }));
  }
  build(document.getElementById("app"));
  document.documentElement.classList.add("live");
  document.getElementById("app").hidden = false;
  whenChanged(drawControls);
  whenChanged(drawTabs);
  whenChanged(drawMap);
  whenChanged(drawDetail);
  whenChanged(drawTable);
  whenChanged(() => drawPaths());
  if (ROWS) whenChanged(drawReplay);
  change({});
  return fit();
}

function build(app) {
  const controls = buildControls();
  const filters = buildFilters();
  const panels = { map: [buildMap(), legend()], paths: [buildPaths()], table: [buildTable()] };
  const replay = ROWS ? [buildReplay()] : [];
  panels.map.splice(1, 0, ...replay);
  const search = ROWS ? [foldedSearch()] : [];
  const side = element("div", { class: "side" }, buildDetail(), ...search, howWeKnow());
  const work = element("div", { class: "work" }, tabBar(), ...TABS.map((tab) => tabPanel(tab, panels[tab])));
  const top = element("div", { class: "top" }, controls, filters, buildStatus());
  app.append(top, element("div", { class: "body" }, work, side));
  new ResizeObserver(() => document.documentElement.style.setProperty("--top", `${top.offsetHeight}px`)).observe(top);
  document.querySelector(".head").append(themeButton());
}

function tabBar() {
  const bar = element("div", { role: "tablist", "aria-label": say("explorer.tabs"), class: "tabs" });
  TABS.forEach((tab, at) => {
    tabs[tab] = element("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}`,
      onclick: () => change({ tab }), onkeydown: (event) => tabKey(event, at) }, say(`explorer.tab.${tab}`));
    bar.append(tabs[tab]);
  });
  return bar;
}

function tabKey(event, at) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tab = TABS[(at + step + TABS.length) % TABS.length];
  change({ tab });
  tabs[tab].focus();
}

function tabPanel(tab, inside) {
  return element("div", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`,
    class: `panel ${tab}` }, ...inside);
}

function drawTabs() {
  for (const tab of TABS) {
    tabs[tab].setAttribute("aria-selected", String(tab === state.tab));
    tabs[tab].setAttribute("tabindex", tab === state.tab ? 0 : -1);
    document.getElementById(`panel-${tab}`).hidden = tab !== state.tab;
  }
  drawLegend();
}

let legendPane;

function legend() {
  legendPane = element("div", { class: "legend" });
  return legendPane;
}

function drawLegend() {
  const told = difference();
  if (told) {
    const signs = told.legend.map((one) => element("li", {}, element("i", { class: `look-${one.look}` }), one.said));
    return legendPane.replaceChildren(element("ul", {}, ...signs), ...told.notes.map((note) => element("p", {}, note)));
  }
  const lines = [say(`explorer.legend.${state.measure}`), say("explorer.legend.signs"),
    say(ROWS ? "explorer.legend.over" : "explorer.legend.direct")];
  if (state.view === "difference") lines.splice(0, lines.length, ...DATA.change.said);
  else if (DATA.change && state.view !== "all") lines.unshift(say("explorer.view.plain"));
  return legendPane.replaceChildren(...lines.map((line) => element("p", {}, line)));
}

function foldedSearch() {
  return element("details", { class: "fold" }, element("summary", {}, say("explorer.search")), buildSearch());
}

function howWeKnow() {
  const lines = [say("explorer.how.move"), say("explorer.how.times"), say("explorer.how.paths"),
    say("explorer.how.keys"), ...(ROWS ? [say("explorer.how.replay")] : []), ...DATA.history];
  if (ROWS && DATA.rows.notClocked) lines.push(DATA.rows.notClocked);
  return element("details", { class: "fold" }, element("summary", {}, say("explorer.how")),
    ...lines.map((line) => element("p", {}, line)));
}

// The system's choice, until the reader makes one.
function themeButton() {
  const dark = () => document.documentElement.dataset.theme
    || (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const button = element("button", { type: "button", class: "theme", onclick: () => {
    document.documentElement.dataset.theme = dark() === "dark" ? "light" : "dark";
    name();
  } });
  const name = () => { button.textContent = say(dark() === "dark" ? "explorer.theme.light" : "explorer.theme.dark"); };
  name();
  return button;
}

function tell(text) {
  document.getElementById("still").prepend(element("p", { role: "alert" }, text));
}

start().catch((error) => {
  tell(say("explorer.failed"));
  throw error;
});
