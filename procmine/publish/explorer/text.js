// Text: sentences with their blanks filled, numbers and lengths of time as Python writes them, and elements of the page.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SECOND = 1e6; // microseconds
const DAY = 86400;

// Python rounds a half to the even neighbour, toFixed away from zero.
function fixed(number, digits) {
  const scaled = Math.abs(number) * 10 ** digits;
  const low = Math.floor(scaled);
  if (scaled - low === 0.5 && (digits === 0 || Number.isInteger(number * 4))) {
    return ((Math.sign(number) * (low % 2 ? low + 1 : low)) / 10 ** digits).toFixed(digits);
  }
  return number.toFixed(digits);
}

function roundHalfEven(number) {
  return Number(fixed(number, 0));
}

function marked(plain) {
  const [whole, part] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, DATA.signs.group);
  return part === undefined ? grouped : grouped + DATA.signs.decimal + part;
}

function count(number) {
  return marked(String(number));
}

function percent(share) {
  let text = fixed(100 * share, 0);
  if (share > 1e-9 && share < 1 - 1e-9 && (text === "0" || text === "100")) {
    text = fixed(100 * Math.min(Math.max(share, 0.001), 0.999), 1);
  }
  return DATA.signs.percent.replace("{n}", marked(text));
}

const plurals = new Intl.PluralRules(DATA.language);

function form(number, forms) {
  const kind = DATA.language === "en" ? (number === 1 ? "one" : "other") : plurals.select(number);
  if (forms.length === 4) return forms[["one", "few", "many", "other"].indexOf(kind)] || forms[3];
  return kind === "one" ? forms[0] : forms[forms.length - 1];
}

// {name}, {name:,}, {name:.0%} and {name:case|cases}, as in procmine/words.py.
function say(key, values = {}) {
  const template = DATA.words[key];
  if (template === undefined) throw new Error(`No words for ${key}`);
  return template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, spec) => filled(values[name], spec));
}

function filled(value, spec) {
  if (spec && spec.includes("|")) return `${count(value)} ${form(value, spec.split("|"))}`;
  if (spec === ".0%") return percent(value);
  return typeof value === "number" ? count(value) : String(value);
}

function unit(number, name) {
  const text = Math.abs(number) >= 10 ? fixed(number, 0) : fixed(number, 1).replace(/\.0$/, "");
  const plain = text === "-0" ? "0" : text;
  const many = DATA.words[`span.${name}s`];
  if (many.includes("|")) return form(Number(plain), many.split("|")).replace("{n}", marked(plain));
  return DATA.words[plain === "1" ? `span.${name}` : `span.${name}s`].replace("{n}", marked(plain));
}

// A length in seconds, in the unit that a person would use; on a working clock in its days.
function span(seconds, day = DAY) {
  if (day !== DAY) return unit(seconds / day, "working_day");
  if (seconds && seconds % DAY === 0) return unit(seconds / DAY, "day");
  if (Math.abs(seconds) < 60) return unit(seconds, "second");
  if (Math.abs(seconds) < 5400) return unit(seconds / 60, "minute");
  if (Math.abs(seconds) < 1.5 * DAY) return unit(seconds / 3600, "hour");
  return unit(seconds / DAY, "day");
}

// As on a printed map: what took no whole day where only dates are known, is "same day".
function spanOnMap(seconds, day) {
  if (DATA.precision === "day" && seconds < DAY) return say("map.label.same_day");
  return seconds >= 1 ? span(seconds, day) : say("map.label.at_once");
}

const dayWords = new Intl.DateTimeFormat(DATA.language, { dateStyle: "long", timeZone: "UTC" });

function dayOf(number) {
  const date = new Date(number * DAY * 1000);
  return DATA.language === "en" ? date.toISOString().slice(0, 10) : dayWords.format(date);
}

const clockWords = new Intl.DateTimeFormat("sv-SE", {
  timeZone: DATA.zone || "UTC", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

// A moment in microseconds on the log's axis, on the wall clock of its zone.
function moment(micros) {
  const text = clockWords.format(new Date(Math.floor(micros / 1000)));
  return DATA.precision === "day" ? text.slice(0, 10) : text;
}

const SVG = "http://www.w3.org/2000/svg";

// Texts become text nodes, so no name of the data can be read as anything else.
function element(tag, attributes = {}, ...inside) {
  return grown(document.createElement(tag), attributes, inside);
}

function drawn(tag, attributes = {}, ...inside) {
  return grown(document.createElementNS(SVG, tag), attributes, inside);
}

function grown(made, attributes, inside) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

// A name of the data inside a sentence of ours: its direction of writing stays its own.
function named(text) {
  return element("bdi", {}, text);
}

// A sentence whose blanks are names of the data, as nodes.
function saidOf(key, values) {
  const parts = DATA.words[key].split(/(\{\w+(?::[^}]*)?\})/);
  return parts.map((part) => {
    const blank = /^\{(\w+)(?::([^}]*))?\}$/.exec(part);
    if (!blank) return part;
    const value = values[blank[1]];
    return typeof value === "string" ? named(value) : filled(value, blank[2]);
  });
}
