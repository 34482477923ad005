// Search: one case by its number, with its steps and their dates. Only on pages for the team.

const MOST_FOUND = 20;

function buildSearch() {
  const found = element("ul", { class: "found" });
  const told = element("div", { class: "case", "aria-live": "polite" });
  const input = element("input", { type: "search", id: "search", autocomplete: "off",
    oninput: () => list(input.value.trim(), found, told) });
  return element("div", { class: "search" }, element("label", { for: "search" }, say("explorer.search.label")),
    input, found, told);
}

function list(text, found, told) {
  told.replaceChildren();
  if (!text) return found.replaceChildren();
  const low = text.toLowerCase();
  const exact = [];
  const others = [];
  let all = 0;
  ROWS.ids.forEach((id, one) => {
    const at = id.toLowerCase().indexOf(low);
    if (at < 0) return;
    all++;
    if (at === 0 && exact.length < MOST_FOUND) exact.push(one);
    else if (others.length < MOST_FOUND) others.push(one);
  });
  const shown = [...exact, ...others].slice(0, MOST_FOUND);
  const buttons = shown.map((one) => element("li", {}, element("button", { type: "button", class: "link",
    onclick: () => showCase(one, told) }, named(ROWS.ids[one]))));
  const note = all > shown.length || !all ? [element("li", { class: "about" },
    say("explorer.search.found", { shown: shown.length, n: all }))] : [];
  return found.replaceChildren(...buttons, ...note);
}

function showCase(one, told) {
  const { gap } = ROWS.clocks[state.clock];
  const day = ROWS.days[state.clock];
  let run = ROWS.begins + ROWS.arrival[one];
  const rows = [];
  for (let at = ROWS.offset[one]; at < ROWS.offset[one + 1]; at++) {
    run += ROWS.clocks[0].gap[at];
    const since = at > ROWS.offset[one] || gap[at] ? span(gap[at] / SECOND, day) : "–";
    rows.push([named(DATA.names[ROWS.step[at]]), moment(run), since]);
  }
  const head = ["explorer.table.step", "explorer.search.when", "explorer.search.since"];
  const standing = ROWS.open[one] ? say("explorer.search.open", { cutoff: DATA.cutoff }) : say("explorer.finished");
  const values = ROWS.attributes.map((attribute) => {
    const value = attribute.values[attribute.codes[one]];
    return element("li", {}, named(attribute.name), ": ", value === undefined ? say("explorer.missing") : named(value));
  });
  told.replaceChildren(element("p", {}, named(ROWS.ids[one]), " · ", standing),
    element("ul", { class: "values" }, ...values),
    element("button", { type: "button", onclick: () => showWay(one) }, say("explorer.search.show")),
    rowsTable(say("explorer.search.steps", { n: rows.length }), head, rows));
}

// The boxes and arrows that the case passed stand out on the map.
function showWay(one) {
  const shown = Array.from(ROWS.step.subarray(ROWS.offset[one], ROWS.offset[one + 1])).filter((step) => step < state.k);
  const way = new Set(shown);
  for (let at = 1; at < shown.length; at++) way.add(`${shown[at - 1]}>${shown[at]}`);
  change({ way, tab: "map" });
}
