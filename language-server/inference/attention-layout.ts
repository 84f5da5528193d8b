/**
 * Where rows stand in the attention of one run: the past by row, and a tile with the new rows among recent ones.
 *
 * The last bits of a sum depend on how it is grouped, and rounding of activations makes much of last bits. So tiles
 * begin at multiples of their size in the text, and a row meets the same groups whether it is read in a long prompt,
 * typed alone, or decoded: cached and fresh rows are equal to the bit, on kernels that treat all rows of a product
 * alike.
 */

/** Rows of a tile; a multiple of the tokens in a prompt chunk. */
export const TILE_ROWS = 64;

/** A token's place in a run: where its keys and values go, and what it attends to. */
export interface Place {
  readonly row: number;
  /** Its distance from the start of the text. */
  readonly position: number;
  /** Rows after the shared prefix that it attends to, besides itself. */
  readonly sees: readonly number[];
}

export interface AttentionLayout {
  /** First row of the tile; all rows before it are past. */
  readonly start: number;
  /** Known rows in the tile before the new ones: `start` and on. */
  readonly before: number;
  /** Known rows in the tile after the new ones; only where branches or skipped layers leave gaps. */
  readonly after: readonly number[];
  /** Rows of the tile in all, a multiple of `TILE_ROWS`; those without use are masked. */
  readonly size: number;
}

/** The layout for a run over `places`, whose rows ascend. */
export function layOut(places: readonly Place[]): AttentionLayout {
  const first = places[0]!.row;
  const last = places.at(-1)!.row;
  const start = first - (first % TILE_ROWS);
  const own = new Set(places.map((place) => place.row));
  const after: number[] = [];
  for (let row = first; row < last; row++) if (!own.has(row)) after.push(row);
  const used = first - start + places.length + after.length;
  return { start, before: first - start, after, size: Math.ceil(used / TILE_ROWS) * TILE_ROWS };
}

/** Far below every attention score, and finite, so that no row of a softmax becomes a NaN. */
const HIDDEN = -1e9;

/**
 * The mask [places, capacity + tile] added to attention scores. All places see the rows before `prefix`; beyond, each
 * sees its own list and itself. This is what makes a tree of branches out of rows.
 */
export function attentionBias(
  places: readonly Place[],
  layout: AttentionLayout,
  prefix: number,
  capacity: number,
): Float32Array {
  const columns = capacity + layout.size;
  const bias = new Float32Array(places.length * columns).fill(HIDDEN);
  const columnOf = new Map(places.map((place, index) => [place.row, capacity + layout.before + index]));
  layout.after.forEach((row, index) => {
    columnOf.set(row, capacity + layout.before + places.length + index);
  });
  const column = (row: number): number =>
    columnOf.get(row) ?? (row < layout.start ? row : capacity + row - layout.start);
  const past = Math.min(prefix, layout.start);
  places.forEach((place, index) => {
    const start = index * columns;
    bias.fill(0, start, start + past);
    for (let row = layout.start; row < prefix; row++) bias[start + column(row)] = 0;
    for (const row of place.sees) bias[start + column(row)] = 0;
    bias[start + column(place.row)] = 0;
  });
  return bias;
}
