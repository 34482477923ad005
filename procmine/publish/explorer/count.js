// Count: what follows what among the steps shown, of the cases that the filters leave.

// 1 per case that passes every filter.
function kept(rows, filters) {
  const mask = new Uint8Array(rows.n).fill(1);
  for (const filter of filters) {
    const passes = test(rows, filter);
    for (let one = 0; one < rows.n; one++) if (mask[one] && !passes(one)) mask[one] = 0;
  }
  return mask;
}

function test(rows, filter) {
  if (filter.kind === "attribute") {
    const { codes } = rows.attributes[filter.attribute];
    return (one) => filter.codes.includes(codes[one]);
  }
  if (filter.kind === "begun") {
    const low = filter.from === null ? -Infinity : filter.from - rows.firstDay;
    const high = filter.to === null ? Infinity : filter.to - rows.firstDay;
    return (one) => rows.begun[one] >= low && rows.begun[one] <= high;
  }
  if (filter.kind === "open") return (one) => Boolean(rows.open[one]) === filter.open;
  if (filter.kind === "path") return (one) => rows.path[one] === filter.path;
  const has = pathsWith(rows, filter.step);
  return (one) => Boolean(has[rows.path[one]]) === filter.through;
}

function pathsWith(rows, step) {
  const has = new Uint8Array(rows.from.length - 1);
  for (let path = 0; path < has.length; path++) {
    has[path] = rows.paths.subarray(rows.from[path], rows.from[path + 1]).includes(step) ? 1 : 0;
  }
  return has;
}

// Steps from `k` on are passed over: a move is from one step shown to the next step shown of the same case.
function counted(rows, mask, k, clock) {
  const found = {
    k, cases: 0, events: new Uint32Array(k), starts: new Uint32Array(k), ends: new Uint32Array(k),
    opens: new Uint32Array(k),
    n: new Uint32Array(k * k), direct: new Uint32Array(k * k), sums: new Float64Array(k * k), whole: 0, allEvents: 0,
    day: rows.days[clock],
  };
  const moves = roomFor(rows.step.length);
  const { gap, span: spans } = rows.clocks[clock];
  for (let one = 0; one < rows.n; one++) {
    if (!mask[one]) continue;
    found.cases++;
    found.whole += spans[one];
    found.allEvents += rows.offset[one + 1] - rows.offset[one];
    countCase(rows, one, gap, found, moves);
  }
  return withLengths(found, moves);
}

// One room for all counts: only the last one is asked for its lengths, and millions of numbers need no new room each time.
let room = null;

function roomFor(events) {
  if (!room || room.pair.length !== events) {
    room = { pair: new Uint32Array(events), gap: new Float64Array(events), lengths: new Float64Array(events), many: 0 };
  }
  room.many = 0;
  return room;
}

function countCase(rows, one, gap, found, moves) {
  const { k, events, n, direct, sums } = found;
  let before = -1;
  let since = 0;
  let over = false;
  for (let at = rows.offset[one]; at < rows.offset[one + 1]; at++) {
    const step = rows.step[at];
    since += gap[at];
    if (step >= k) { over = true; continue; }
    events[step]++;
    if (before < 0) found.starts[step]++;
    else {
      const pair = before * k + step;
      n[pair]++;
      if (!over) direct[pair]++;
      sums[pair] += since;
      moves.pair[moves.many] = pair;
      moves.gap[moves.many++] = since;
    }
    before = step;
    since = 0;
    over = false;
  }
  if (before >= 0) (rows.open[one] ? found.opens : found.ends)[before]++;
}

// The lengths of each move lie side by side, and are put in order, when they are first asked for.
function withLengths(found, moves) {
  const sorted = new Uint8Array(found.n.length);
  let edge = null;
  found.lengths = (pair) => {
    if (!edge) edge = sideBySide(found, moves);
    const own = moves.lengths.subarray(edge[pair], edge[pair + 1]);
    if (!sorted[pair]) own.sort();
    sorted[pair] = 1;
    return own;
  };
  found.allMoves = moves.many;
  found.within = (pair, share) => quantile(found.lengths(pair), share);
  found.share = (pair) => (found.whole ? found.sums[pair] / found.whole : 0);
  return found;
}

function sideBySide(found, moves) {
  const edge = new Uint32Array(found.n.length + 1);
  for (let pair = 0; pair < found.n.length; pair++) edge[pair + 1] = edge[pair] + found.n[pair];
  const next = edge.slice();
  for (let at = 0; at < moves.many; at++) moves.lengths[next[moves.pair[at]]++] = moves.gap[at];
  return edge;
}

// Interpolated between neighbours as numpy does by default; whole seconds, as Python's tables have them.
function quantile(sorted, share) {
  if (!sorted.length) return null;
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)];
  const exact = (low + (sorted[Math.ceil(rank)] - low) * (rank - Math.floor(rank))) / SECOND;
  return roundHalfEven(exact);
}

// The same answers from the counts of a page without cases.
function countedCells(group, k) {
  const found = {
    k, cases: group.cases, events: new Uint32Array(k), starts: new Uint32Array(k), ends: new Uint32Array(k),
    opens: new Uint32Array(k), n: new Uint32Array(k * k), direct: null, allEvents: 0, allMoves: 0, day: DAY, lengths: null,
  };
  for (const kind of ["starts", "ends", "opens"]) for (const [step, n] of group[kind]) if (step < k) found[kind][step] = n;
  for (const [step, n] of group.steps) {
    found.allEvents += n;
    if (step < k) found.events[step] = n;
  }
  const told = new Map();
  for (const [before, after, n, half, most, share] of group.moves) {
    if (before >= k || after >= k) continue;
    found.n[before * k + after] = n;
    found.allMoves += n;
    told.set(before * k + after, { half, most, share });
  }
  found.within = (pair, share) => (told.has(pair) ? (share === 0.5 ? told.get(pair).half : told.get(pair).most) : null);
  found.share = (pair) => (told.has(pair) ? told.get(pair).share : 0);
  return found;
}
