/**
 * Keys and values of every layer, owned by JavaScript: graphs read them in place and return only new rows.
 *
 * One row is one token. The rows before the tile in which a run writes are the past, [1, heads, P, head size], which
 * graphs read in place; the tile's own rows are copied into it. P follows the tile, so that attention runs over few rows
 * that nobody sees. What nobody may see is masked by the caller, which is why rollback is free: forgetting a row is not
 * looking at it.
 */
import { TILE_ROWS, type AttentionLayout } from './attention-layout.js';
import { LayerRows } from './layer-rows.js';
import type { Feed } from './onnx-session.js';

export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

export class KeyValueCache {
  private readonly keys: readonly LayerRows[];
  private readonly values: readonly LayerRows[];
  /** For each run of layers, by its first, the tile that decoding is in. */
  private readonly tiles = new Map<number, Tile>();
  /** The past of rows as tensors, as long as it does not change. */
  private readonly pasts = new Map<LayerRows, { readonly data: Float32Array; readonly feed: Feed }>();

  /** `feed` wraps memory as a tensor for the graphs, without copying it. */
  constructor(
    private readonly shape: CacheShape,
    private readonly feed: (data: Float32Array, dims: readonly number[]) => Feed,
  ) {
    const empty = () =>
      Array.from({ length: shape.layers }, () => new LayerRows(shape.keyValueHeads, shape.headSize));
    this.keys = empty();
    this.values = empty();
  }

  /** Makes room for `rows` rows, keeping the first `used` ones. Also gives room back that is far too large. */
  reserve(rows: number, used: number): void {
    const past = used - (used % TILE_ROWS);
    for (const own of [...this.keys, ...this.values]) {
      // A tile too many costs less than moving all heads, and the text that follows may soon need it.
      if (past + TILE_ROWS < own.past) own.settle(past);
      own.reserve(rows, used);
    }
  }

  /**
   * The past of layers `firstLayer <= l < endLayer` under the names that the graphs give it, and its length P: at least
   * the rows before `start`, and others that the caller masks.
   */
  past(firstLayer: number, endLayer: number, start: number): { rows: number; feeds: Record<string, Feed> } {
    const feeds: Record<string, Feed> = {};
    for (let layer = firstLayer; layer < endLayer; layer++) {
      feeds[`pk${layer}`] = this.pastOf(this.keys[layer]!, start);
      feeds[`pv${layer}`] = this.pastOf(this.values[layer]!, start);
    }
    return { rows: this.keys[firstLayer]!.past, feeds };
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
    this.forgetTile(firstLayer, Math.min(...rows));
    const size = rows.length * this.shape.keyValueHeads * this.shape.headSize;
    for (const [index, own] of this.ofLayers(firstLayer, endLayer).entries())
      own.write(rows, fresh.subarray(index * size, (index + 1) * size));
  }

  /** Moves `rows` (ascending, none before `start`) together, so that they stand at `start` and after it. */
  compact(start: number, rows: readonly number[]): void {
    for (const firstLayer of this.tiles.keys()) this.forgetTile(firstLayer, start);
    for (const own of [...this.keys, ...this.values]) {
      rows.forEach((row, index) => {
        if (row === start + index) return;
        for (let head = 0; head < this.shape.keyValueHeads; head++)
          own.head(start + index, head).set(own.head(row, head));
      });
    }
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
    for (const own of this.ofLayers(firstLayer, endLayer)) {
      for (let head = 0; head < keyValueHeads; head++, target += tile.size * headSize) {
        for (let index = 0; index < count; index++)
          tile.data.set(own.head(row + index, head), target + index * headSize);
      }
    }
  }

  /** Bytes held. */
  get bytes(): number {
    return [...this.keys, ...this.values].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Keys, then values, of one layer after the other. */
  private ofLayers(firstLayer: number, endLayer: number): readonly LayerRows[] {
    const layers = Array.from({ length: endLayer - firstLayer }, (_, index) => firstLayer + index);
    return layers.flatMap((layer) => [this.keys[layer]!, this.values[layer]!]);
  }

  private pastOf(own: LayerRows, start: number): Feed {
    if (own.past < start) own.settle(start);
    const data = own.pastData;
    const known = this.pasts.get(own);
    if (known?.data.buffer === data.buffer && known.data.length === data.length) return known.feed;
    const { keyValueHeads, headSize } = this.shape;
    const feed = this.feed(data, [1, keyValueHeads, own.past, headSize]);
    this.pasts.set(own, { data, feed });
    return feed;
  }
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
