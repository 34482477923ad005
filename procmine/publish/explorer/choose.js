// Choose: which arrows are shown, and how wide and dark they are.

const OFTEN = 0.05; // of the cases: a step where so many begin or stop has its arrow
const HEAVY = 0.05; // of all time: a move that takes so much is shown, however rare
const USUAL = 0.01; // the widest arrow of a map of times is the slowest move that this share of the cases make

// Moves in the order in which the slider brings them in: each step's ways in and out, the arranged ones, the most frequent.
function rankedMoves(flow, layout) {
  const moves = movesOf(flow);
  const first = backbone(flow, moves);
  const rank = (move) => (first.has(move.pair) || flow.share(move.pair) >= HEAVY ? 0 : layout.routes[move.key] ? 1 : 2);
  for (const move of moves) move.rank = rank(move);
  return moves.sort((one, two) => one.rank - two.rank || two.n - one.n || one.pair - two.pair);
}

function movesOf(flow) {
  const moves = [];
  for (let pair = 0; pair < flow.n.length; pair++) {
    const from = Math.floor(pair / flow.k);
    const to = pair % flow.k;
    if (flow.n[pair] && from !== to) moves.push({ pair, from, to, n: flow.n[pair], key: `${from}>${to}` });
  }
  return moves;
}

function backbone(flow, moves) {
  const into = new Map();
  const out = new Map();
  for (const move of moves) {
    if (!into.has(move.to) || into.get(move.to).n < move.n) into.set(move.to, move);
    if (!out.has(move.from) || out.get(move.from).n < move.n) out.set(move.from, move);
  }
  const best = new Set();
  for (const [step, move] of into) if (move.n > flow.starts[step]) best.add(move.pair);
  for (const [step, move] of out) if (move.n > flow.ends[step] + flow.opens[step]) best.add(move.pair);
  return best;
}

function loopsOf(flow) {
  let sum = 0;
  for (let step = 0; step < flow.k; step++) sum += flow.n[step * flow.k + step];
  return sum;
}

// At least the ways in and out; then until the arrows carry `paths` of every 100 moves. Loops stand in the boxes.
function shownMoves(flow, layout, paths) {
  const wanted = (paths / 100) * flow.allMoves;
  let carried = loopsOf(flow);
  const shown = [];
  for (const move of rankedMoves(flow, layout)) {
    if (move.rank > 0 && carried >= wanted - 1e-9) break;
    shown.push(move);
    carried += move.n;
  }
  return { moves: shown, carried };
}

// How many of every 100 moves the arranged arrows carry: where the slider stands at first.
function usualPaths(flow, layout) {
  let carried = loopsOf(flow);
  for (const move of movesOf(flow)) if (layout.routes[move.key]) carried += move.n;
  return flow.allMoves ? Math.floor((100 * carried) / flow.allMoves) : 100;
}

// Where many begin or stop, and where else no arrow would lead; `all` of them once the reader asks for all arrows.
function shownGates(flow, moves, all) {
  const into = new Set(moves.map((move) => move.to));
  const out = new Set(moves.map((move) => move.from));
  const gates = [];
  const add = (counts, reached, make) => {
    const cases = counts.reduce((sum, one) => sum + one, 0);
    counts.forEach((n, step) => {
      if (n && (all || n >= OFTEN * cases || !reached.has(step))) gates.push({ ...make(step), n, gate: true });
    });
  };
  add(flow.starts, into, (step) => ({ from: "start", to: step, key: `start>${step}` }));
  add(flow.ends, out, (step) => ({ from: step, to: "end", key: `${step}>end` }));
  add(flow.opens, out, (step) => ({ from: step, to: "open", key: `${step}>open` }));
  return gates;
}

// 0 to 1 per arrow.
function weigher(flow, measure, moves) {
  const most = (values) => values.reduce((high, one) => Math.max(high, one), 0);
  if (measure === "count") {
    const top = Math.max(most(moves.map((move) => move.n)), most(Array.from(flow.starts)), 1);
    return (move) => move.n / top;
  }
  if (measure === "total") {
    const top = Math.max(most(moves.map((move) => flow.share(move.pair))), 1e-300);
    return (move) => (move.gate ? 0 : flow.share(move.pair) / top);
  }
  const share = measure === "half" ? 0.5 : 0.8;
  const usual = moves.filter((move) => move.n >= USUAL * flow.cases);
  const top = Math.max(most(usual.map((move) => flow.within(move.pair, share) || 0)), 1);
  return (move) => (move.gate ? 0 : Math.min((flow.within(move.pair, share) || 0) / top, 1));
}

function labelOf(flow, measure, move) {
  const times = say("map.label.times", { n: move.n });
  if (measure === "count") return [say("map.label.count", { n: move.n })];
  if (move.gate) return [times];
  if (measure === "total") {
    const share = flow.share(move.pair);
    return [share >= 0.005 ? say("map.label.part", { share }) : say("map.label.little"), times];
  }
  const length = flow.within(move.pair, measure === "half" ? 0.5 : 0.8);
  return length === null ? [times] : [spanOnMap(length, flow.day), times];
}
