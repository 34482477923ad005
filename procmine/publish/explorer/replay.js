// Replay: cases as dots that move along the arrows as time passes. Only on pages for the team.

const MOST_DOTS = 2000; // cases that are shown; of more, so many drawn evenly
const POINTS = 32; // on each arrow
const play = { on: false, time: 0, seconds: 60, low: 0, high: 1, moves: [], cases: 0, all: 0, last: 0, spans: null,
  stale: true };
let canvas;
let playButton;
let timeSlider;
let timeText;

const lessMotion = window.matchMedia("(prefers-reduced-motion: reduce)");

function buildReplay() {
  canvas = element("canvas", { class: "dots", "aria-hidden": "true" });
  pane.append(canvas);
  playButton = element("button", { type: "button", onclick: toggle }, say("explorer.replay.play"));
  timeSlider = element("input", { type: "range", min: 0, max: 1000, value: 0,
    "aria-label": say("explorer.replay.when"), oninput: sought });
  timeText = element("output", { class: "when" });
  const speed = element("select", { "aria-label": say("explorer.replay.speed"),
    onchange: () => { play.seconds = Number(speed.value); } },
    ...[20, 60, 180].map((one) => element("option", { value: one, selected: one === play.seconds },
      say("explorer.replay.seconds", { n: one }))));
  const note = lessMotion.matches ? [element("span", { class: "about" }, say("explorer.replay.less"))] : [];
  moved.push(() => dots());
  return element("div", { class: "replay", role: "group", "aria-label": say("explorer.replay") }, playButton, speed,
    timeSlider, timeText, ...note);
}

// When another map is shown, the replay stands still until it is started again.
function drawReplay(seen) {
  play.stale = true;
  play.seen = seen;
  const able = !difference() && seen.flow.cases > 0;
  playButton.disabled = timeSlider.disabled = !able;
  if (play.on) pause();
  if (able && play.spans) { prepare(); dots(); } else clear();
}

function toggle() {
  if (play.on) return pause();
  if (play.stale) prepare();
  if (play.time >= play.high || play.time < play.low) play.time = play.low;
  play.on = true;
  play.last = performance.now();
  playButton.textContent = say("explorer.replay.pause");
  return requestAnimationFrame(frame);
}

function pause() {
  play.on = false;
  playButton.textContent = say("explorer.replay.play");
}

// With less motion the dots stand still for a second, and then stand elsewhere.
function frame(now) {
  if (!play.on) return;
  const passed = (now - play.last) / 1000;
  if (!lessMotion.matches || passed >= 1) {
    play.time += ((play.high - play.low) / play.seconds) * Math.min(passed, lessMotion.matches ? 1 : 0.1);
    play.last = now;
    dots();
  }
  if (play.time >= play.high) pause();
  else requestAnimationFrame(frame);
}

function sought() {
  if (play.stale) prepare();
  play.time = play.low + (Number(timeSlider.value) / 1000) * (play.high - play.low);
  dots();
}

// Every move of the cases drawn, along the arrow it takes, in the order in which they begin.
function prepare() {
  const { moves } = play.seen;
  const arrow = new Map(moves.map((move, at) => [move.from * state.k + move.to, at]));
  const cases = [];
  eachKept((one) => cases.push(one));
  const every = Math.max(1, Math.ceil(cases.length / MOST_DOTS));
  play.all = cases.length;
  play.moves = [];
  play.low = Infinity;
  play.high = -Infinity;
  play.spans = cases.map((one) => watched(one));
  for (const [begin, end] of play.spans) { play.low = Math.min(play.low, begin); play.high = Math.max(play.high, end); }
  const drawnCases = cases.filter((_, at) => at % every === 0);
  for (const one of drawnCases) addMoves(one, arrow);
  play.cases = drawnCases.length;
  play.points = moves.map((move) => sampled(routeOf(play.seen.layout, move)));
  play.moves.sort((one, two) => one.begin - two.begin);
  play.stale = false;
}

function watched(one) {
  const begin = ROWS.begins + ROWS.arrival[one];
  return [begin, begin + ROWS.clocks[0].span[one]];
}

function addMoves(one, arrow) {
  const { gap } = ROWS.clocks[0];
  let run = ROWS.begins + ROWS.arrival[one];
  let [before, left] = [-1, 0];
  for (let at = ROWS.offset[one]; at < ROWS.offset[one + 1]; at++) {
    run += gap[at];
    const step = ROWS.step[at];
    if (step >= state.k) continue;
    const way = before < 0 ? undefined : arrow.get(before * state.k + step);
    if (way !== undefined && run > left) play.moves.push({ begin: left, end: run, way });
    [before, left] = [step, run];
  }
}

function sampled(route) {
  const curves = [];
  for (const list of [route.first, route.points]) {
    if (list) for (let at = 0; at + 3 < list.length; at += 3) curves.push(list.slice(at, at + 4));
  }
  return range(POINTS + 1).map((at) => {
    const place = (at / POINTS) * curves.length;
    const which = Math.min(Math.floor(place), curves.length - 1);
    return along(curves[which], place - which);
  });
}

function clear() {
  const pen = canvas.getContext("2d");
  pen.resetTransform();
  pen.clearRect(0, 0, canvas.width, canvas.height);
}

function dots() {
  if (!play.spans || play.stale) return;
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(pane.clientWidth * ratio), Math.round(pane.clientHeight * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  clear();
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  pen.fillStyle = getComputedStyle(pane).getPropertyValue("--dot");
  const size = Math.max(2.2, 2.6 / view.scale); // half as wide as a dot
  pen.beginPath();
  for (const move of play.moves) {
    if (move.begin > play.time) break;
    if (move.end <= play.time) continue;
    const place = ((play.time - move.begin) / (move.end - move.begin)) * POINTS;
    const low = Math.floor(place);
    const [one, two] = [play.points[move.way][low], play.points[move.way][Math.min(low + 1, POINTS)]];
    const [x, y] = [0, 1].map((side) => one[side] + (two[side] - one[side]) * (place - low));
    pen.moveTo(x + size, y);
    pen.arc(x, y, size, 0, 2 * Math.PI);
  }
  pen.fill();
  tellTime();
}

function tellTime() {
  timeSlider.value = Math.round((1000 * (play.time - play.low)) / Math.max(play.high - play.low, 1));
  let n = 0;
  for (const [begin, end] of play.spans) if (begin <= play.time && play.time < end) n++;
  const day = dayOf(Math.floor(play.time / SECOND / DAY));
  const key = play.cases < play.all ? "explorer.replay.some" : "explorer.replay.now";
  timeText.textContent = say(key, { day, n, shown: play.cases });
  timeSlider.setAttribute("aria-valuetext", timeText.textContent);
}
