// Data: the columns of cases, unpacked; and for pages without cases the counts that they hold.

const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f8: Float64Array };

// As wide as they are stored; or as floats, which hold what the unit makes of them: 40 weeks fit a byte, their days do not.
async function unpacked(column) {
  const bytes = Uint8Array.from(atob(column.z), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const values = new TYPES[column.t](await new Response(stream).arrayBuffer());
  if (column.u === 1) return values;
  const scaled = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) scaled[at] = values[at] * column.u;
  return scaled;
}

async function unpackedRows(raw) {
  const [paths, lengths, path, open, begun, arrival] = await Promise.all([
    unpacked(raw.paths), unpacked(raw.lengths), unpacked(raw.path), unpacked(raw.open), unpacked(raw.begun),
    unpacked(raw.arrival),
  ]);
  const clocks = await Promise.all(raw.clocks.map(async (one) => ({
    gap: await unpacked(one.gap), span: await unpacked(one.span),
  })));
  const attributes = await Promise.all(raw.attributes.map(async (one) => ({ ...one, codes: await unpacked(one.codes) })));
  const rows = { n: raw.n, ids: raw.ids, days: raw.days, firstDay: raw.firstDay, begins: raw.begins };
  Object.assign(rows, { paths, path, open, begun, arrival, clocks, attributes });
  return withEvents(rows, lengths);
}

// The path of each case written out: `step` per event, `offset` per case, `from` per path.
function withEvents(rows, lengths) {
  const from = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, path) => { from[path + 1] = from[path] + length; });
  const offset = new Uint32Array(rows.n + 1);
  for (let one = 0; one < rows.n; one++) offset[one + 1] = offset[one] + lengths[rows.path[one]];
  const step = new Uint16Array(offset[rows.n]);
  for (let one = 0; one < rows.n; one++) {
    step.set(rows.paths.subarray(from[rows.path[one]], from[rows.path[one] + 1]), offset[one]);
  }
  return { ...rows, from, offset, step };
}
