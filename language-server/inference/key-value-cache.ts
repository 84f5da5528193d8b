/**
 * Keys and values of every layer, owned by JavaScript: graphs read them in place and return only new rows.
 *
 * One row is one token. Each layer keeps its rows as [1, key/value heads, capacity, head size], the shape that the
 * graphs take, so a change of capacity moves every head. Rows that nobody may see are masked by the caller, which is
 * why rollback is free: forgetting a row is not looking at it.
 */
import { TILE_ROWS, type AttentionLayout } from './attention-layout.js';
import type { Feed } from './onnx-session.js';

export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** Capacity grows in steps: masked rows cost attention time, moving the heads costs a copy. */
const CAPACITY_STEP = 128;

export class KeyValueCache {
  /** Rows that each tensor has room for: the `P` of the graphs. */
  capacity = 0;
  private readonly keys: Rows[];
  private readonly values: Rows[];
  /** For each run of layers, by its first, the tile that decoding is in. */
  private readonly tiles = new Map<number, Tile>();

  /** `feed` wraps memory as a tensor for the graphs, without copying it. */
  constructor(
    private readonly shape: CacheShape,
    private readonly feed: (data: Float32Array, dims: readonly number[]) => Feed,
  ) {
    const empty = () =>
      Array.from({ length: shape.layers }, () => ({ data: new Float32Array(0), feed: this.wrap([]) }));
    this.keys = empty();
    this.values = empty();
  }

  /** Makes room for `rows` rows, keeping the first `used` ones. Also gives room back that is far too large. */
  reserve(rows: number, used: number): void {
    const wanted = Math.ceil(Math.max(rows, 1) / CAPACITY_STEP) * CAPACITY_STEP;
    if (wanted === this.capacity || (wanted < this.capacity && this.capacity < wanted + 2 * CAPACITY_STEP))
      return;
    for (const rowsOfLayer of [...this.keys, ...this.values]) this.resize(rowsOfLayer, wanted, used);
    this.capacity = wanted;
  }

  /** Tensors of layers `firstLayer <= l < endLayer` under the names that the graphs give them. */
  feeds(firstLayer: number, endLayer: number): Record<string, Feed> {
    const feeds: Record<string, Feed> = {};
    for (let layer = firstLayer; layer < endLayer; layer++) {
      feeds[`pk${layer}`] = this.keys[layer]!.feed;
      feeds[`pv${layer}`] = this.values[layer]!.feed;
    }
    return feeds;
  }

  /**
   * The known rows of a tile, [2 * layers, heads, size, head size], with room for `added` new ones. While decoding
   * stays in one tile, only rows that are new since the last run are copied.
   */
  tile(firstLayer: number, endLayer: number, layout: AttentionLayout, added: number): Feed {
    const isPlain = layout.size === TILE_ROWS && layout.after.length === 0;
    const known = this.tiles.get(firstLayer);
    const tile = isPlain && known ? known : this.newTile(endLayer - firstLayer, layout);
    if (isPlain) this.tiles.set(firstLayer, tile);
    const from = tile.start === layout.start ? Math.min(tile.known, layout.before) : 0;
    this.copyRows(firstLayer, endLayer, layout.start + from, layout.before - from, tile, from);
    tile.start = layout.start;
    tile.known = layout.before;
    layout.after.forEach((row, index) => {
      this.copyRows(firstLayer, endLayer, row, 1, tile, layout.before + added + index);
    });
    return tile.feed;
  }

  /**
   * Stores new rows of layers `firstLayer <= l < endLayer` at `rows`. `fresh` is a graph's `kv_new`,
   * [2 * layers, rows, heads * head size]: keys, then values, of one layer after the other.
   */
  write(firstLayer: number, endLayer: number, rows: readonly number[], fresh: Float32Array): void {
    const { keyValueHeads, headSize } = this.shape;
    this.forgetTile(firstLayer, Math.min(...rows));
    let from = 0;
    for (let layer = firstLayer; layer < endLayer; layer++) {
      for (const { data } of [this.keys[layer]!, this.values[layer]!]) {
        for (const row of rows) {
          for (let head = 0; head < keyValueHeads; head++, from += headSize) {
            data.set(fresh.subarray(from, from + headSize), (head * this.capacity + row) * headSize);
          }
        }
      }
    }
  }

  /** Moves `rows` (ascending, none before `start`) together, so that they stand at `start` and after it. */
  compact(start: number, rows: readonly number[]): void {
    const { keyValueHeads, headSize } = this.shape;
    for (const firstLayer of this.tiles.keys()) this.forgetTile(firstLayer, start);
    rows.forEach((row, index) => {
      if (row === start + index) return;
      for (const { data } of [...this.keys, ...this.values]) {
        for (let head = 0; head < keyValueHeads; head++) {
          const from = (head * this.capacity + row) * headSize;
          data.copyWithin((head * this.capacity + start + index) * headSize, from, from + headSize);
        }
      }
    });
  }

  /** Rows from `row` on are about to change. */
  private forgetTile(firstLayer: number, row: number): void {
    const tile = this.tiles.get(firstLayer);
    if (tile) tile.known = Math.max(0, Math.min(tile.known, row - tile.start));
  }

  private newTile(layers: number, { size, start }: AttentionLayout): Tile {
    const { keyValueHeads, headSize } = this.shape;
    const data = new Float32Array(2 * layers * keyValueHeads * size * headSize);
    const feed = this.feed(data, [2 * layers, keyValueHeads, size, headSize]);
    return { data, feed, size, start, known: 0 };
  }

  /** Copies `count` rows from `row` on into the slots of a tile from `slot` on. */
  private copyRows(
    firstLayer: number,
    endLayer: number,
    row: number,
    count: number,
    tile: Tile,
    slot: number,
  ): void {
    const { keyValueHeads, headSize } = this.shape;
    if (count <= 0) return;
    let target = slot * headSize;
    for (let layer = firstLayer; layer < endLayer; layer++) {
      for (const { data } of [this.keys[layer]!, this.values[layer]!]) {
        for (let head = 0; head < keyValueHeads; head++, target += tile.size * headSize) {
          const from = (head * this.capacity + row) * headSize;
          tile.data.set(data.subarray(from, from + count * headSize), target);
        }
      }
    }
  }

  /** Bytes held. */
  get bytes(): number {
    return [...this.keys, ...this.values].reduce((sum, { data }) => sum + data.buffer.byteLength, 0);
  }

  private resize(rows: Rows, capacity: number, used: number): void {
    const { keyValueHeads, headSize } = this.shape;
    const room = rows.data.buffer.byteLength / 4;
    const wanted = keyValueHeads * capacity * headSize;
    // Memory grows by halves again, so that a growing prompt does not copy into a new allocation at each step.
    const fits = wanted <= room && room <= 4 * wanted;
    const target = fits ? new Float32Array(rows.data.buffer) : new Float32Array(Math.ceil(wanted * 1.5));
    const heads = Array.from({ length: keyValueHeads }, (_, head) => head);
    // Within one allocation, heads move apart from the last one on, and together from the first one on.
    for (const head of capacity > this.capacity ? heads.reverse() : heads) {
      const from = head * this.capacity * headSize;
      const old = rows.data.subarray(from, from + Math.min(used, capacity) * headSize);
      target.set(old, head * capacity * headSize);
    }
    rows.data = target.subarray(0, wanted);
    rows.feed = this.wrap(rows.data);
  }

  private wrap(data: Float32Array | readonly []): Feed {
    const { keyValueHeads, headSize } = this.shape;
    const floats = data instanceof Float32Array ? data : new Float32Array(0);
    return this.feed(floats, [1, keyValueHeads, floats.length / (keyValueHeads * headSize), headSize]);
  }
}

/** All rows of one layer's keys, or of its values. */
interface Rows {
  data: Float32Array;
  feed: Feed;
}

/** The rows of one tile for some layers. */
interface Tile {
  readonly data: Float32Array;
  readonly feed: Feed;
  readonly size: number;
  start: number;
  /** Slots from the first on that hold their rows. */
  known: number;
}
