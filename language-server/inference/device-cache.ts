/**
 * Keys and values that stay where the graphs run: each run of a block takes the cache and hands back a longer one.
 *
 * GroupQueryAttention only appends, so a block has its own order of rows: a row that left the network early enters a
 * deeper block later than its followers, and takes the next slot there. A mask says who sees which slot. Rolling back
 * is counting fewer slots. Moving rows together is put off until the block runs again.
 */
import type { Place } from './attention-layout.js';
import type { GroupedGraphs } from './bundle.js';
import type { Feed, KeepingGraph, Runtime } from './onnx-session.js';

export interface DeviceCacheShape {
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly precision: GroupedGraphs['precision'];
}

/** Slots are added in steps: the whole cache moves when they are. */
const CAPACITY_STEP = 256;

/** Hides a slot from a row: far below every score, and still finite as a half. */
const HIDDEN = -60_000;

/** The cache of one block. */
export class DeviceCache {
  /** Slots that count. */
  private length = 0;
  private capacity = 0;
  /** Keys and values, layer after layer, [1, heads, capacity, head size]. */
  private tensors: Feed[] = [];
  /** Slot of each row that this block knows. */
  private slots = new Map<number, number>();
  /** Slots to be moved together, in their new order, before the next run. */
  private order: readonly number[] | undefined;

  constructor(
    private readonly firstLayer: number,
    private readonly endLayer: number,
    private readonly shape: DeviceCacheShape,
    private readonly runtime: Runtime,
    private readonly rowsGraph: KeepingGraph,
  ) {}

  /** Forgets all but the first `used` rows, which stand in the first slots. */
  truncate(used: number): void {
    this.length = Math.min(this.length, used);
    for (const row of this.slots.keys()) if (used <= row) this.slots.delete(row);
    if (this.order) this.order = this.order.slice(0, this.length);
  }

  /** Keeps the first `start` rows, and `rows` as those that follow them. */
  compact(start: number, rows: readonly number[]): void {
    const kept = rows.map((row) => this.slots.get(row)!);
    this.truncate(start);
    if (kept.some((slot, index) => slot !== start + index)) this.order = [...range(0, start), ...kept];
    kept.forEach((_, index) => this.slots.set(start + index, start + index));
    this.length = start + rows.length;
  }

  /** Makes room for new rows after those that count. */
  async makeRoom(added: number): Promise<void> {
    const wanted = Math.ceil((this.length + added) / CAPACITY_STEP) * CAPACITY_STEP;
    const fits = wanted <= this.capacity && this.capacity <= wanted + 2 * CAPACITY_STEP;
    if (fits && !this.order) return;
    const capacity = fits ? this.capacity : wanted;
    if (this.length === 0) this.replace(this.emptyTensors(capacity));
    else {
      const order = this.order ?? range(0, this.length);
      // Slots after the last row hold anything: nobody sees them.
      const filled = [...order, ...new Array<number>(capacity - order.length).fill(0)];
      const index = this.runtime.integers32(filled, [capacity]);
      const moved: Feed[] = [];
      for (const rows of this.tensors) moved.push((await this.rowsGraph.run({ rows, index })).moved!);
      this.replace(moved);
    }
    this.order = undefined;
    this.capacity = capacity;
  }

  /** What a run over `places` takes besides hidden states and positions. All of them see the rows before `prefix`. */
  feeds(places: readonly Place[], prefix: number): Record<string, Feed> {
    const { runtime } = this;
    const total = this.length + places.length;
    const feeds: Record<string, Feed> = {
      attn_bias: runtime.floats(this.bias(places, prefix, total), [1, 1, places.length, total]),
      seqlens_k: runtime.integers32([total - 1], [1]),
      total_len: runtime.integers32([total], [1]),
    };
    this.names('pk', 'pv').forEach((name, index) => {
      feeds[name] = this.tensors[index]!;
    });
    return feeds;
  }

  /** Takes over what a run has made of the cache. */
  append(places: readonly Place[], kept: Readonly<Record<string, Feed>>): void {
    this.replace(this.names('k', 'v').map((name) => kept[name]!));
    for (const { row } of places) this.slots.set(row, this.length++);
  }

  /** Names of the outputs that stay on the device. */
  static outputs(firstLayer: number, endLayer: number): readonly string[] {
    return namesOf(firstLayer, endLayer, 'k', 'v');
  }

  get bytes(): number {
    const { keyValueHeads, headSize, precision } = this.shape;
    return this.tensors.length * this.capacity * keyValueHeads * headSize * (precision === 'float16' ? 2 : 4);
  }

  release(): void {
    this.replace([]);
    this.capacity = 0;
    this.truncate(0);
  }

  private bias(places: readonly Place[], prefix: number, total: number): Float32Array {
    const bias = new Float32Array(places.length * total).fill(HIDDEN);
    const own = new Map(places.map((place, index) => [place.row, this.length + index]));
    places.forEach((place, index) => {
      const line = index * total;
      bias.fill(0, line, line + prefix);
      for (const row of [...place.sees, place.row]) {
        const slot = own.get(row) ?? this.slots.get(row);
        if (slot === undefined) throw new Error(`Row ${row} has not entered layer ${this.firstLayer}.`);
        bias[line + slot] = 0;
      }
    });
    return bias;
  }

  private emptyTensors(capacity: number): Feed[] {
    const { keyValueHeads, headSize, precision } = this.shape;
    const dims = [1, keyValueHeads, capacity, headSize];
    return this.names('k', 'v').map(() => this.runtime.zeros(precision, dims));
  }

  private replace(tensors: Feed[]): void {
    for (const old of this.tensors) old.dispose();
    this.tensors = tensors;
  }

  private names(key: string, value: string): readonly string[] {
    return namesOf(this.firstLayer, this.endLayer, key, value);
  }
}

function namesOf(firstLayer: number, endLayer: number, key: string, value: string): readonly string[] {
  return range(firstLayer, endLayer).flatMap((layer) => [`${key}${layer}`, `${value}${layer}`]);
}

function range(lo: number, hi: number): number[] {
  return Array.from({ length: hi - lo }, (_, index) => lo + index);
}
