/**
 * The rows of one layer's keys, or of its values: the past as graphs take it, [heads, past, head size], and the rows
 * after it, one after the other, [rows, heads, head size].
 *
 * Heads stand apart in the past, so that each change of its length moves them all. Rows after it are written for free.
 */
export class LayerRows {
  /** Rows in the past. */
  past = 0;
  private before = new Float32Array(0);
  private after = new Float32Array(0);

  constructor(
    private readonly heads: number,
    private readonly headSize: number,
  ) {}

  /** The past, in place. */
  get pastData(): Float32Array {
    return this.before.subarray(0, this.past * this.heads * this.headSize);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.before.byteLength + this.after.byteLength;
  }

  /** One head of a row, in place. The row has room: see `reserve`. */
  head(row: number, head: number): Float32Array {
    const { past, heads, headSize } = this;
    const from = row < past ? (head * past + row) * headSize : ((row - past) * heads + head) * headSize;
    return (row < past ? this.before : this.after).subarray(from, from + headSize);
  }

  /** Stores `fresh` [rows, heads, head size] at `rows`, for which there is room. */
  write(rows: readonly number[], fresh: Float32Array): void {
    const { past, heads, headSize } = this;
    const width = heads * headSize;
    const isRun = past <= rows[0]! && rows.every((row, index) => row === rows[0]! + index);
    if (isRun) {
      this.after.set(fresh, (rows[0]! - past) * width);
      return;
    }
    for (const [index, row] of rows.entries()) {
      for (let head = 0; head < heads; head++) {
        const from = index * width + head * headSize;
        this.head(row, head).set(fresh.subarray(from, from + headSize));
      }
    }
  }

  /** Makes room for `rows` rows, keeping the first `used` ones. Gives room back that is far too large. */
  reserve(rows: number, used: number): void {
    const width = this.heads * this.headSize;
    const beyond = (count: number): number => Math.max(0, count - this.past) * width;
    this.after = withRoom(this.after, beyond(rows), beyond(used));
  }

  /** Makes `past` rows the past; there is room for as many. */
  settle(past: number): void {
    if (past < this.past) this.shorten(past);
    else if (this.past < past) this.lengthen(past);
  }

  private lengthen(past: number): void {
    const { heads, headSize } = this;
    const old = this.past;
    const added = past - old;
    const before = withRoom(this.before, past * heads * headSize, old * heads * headSize);
    // Heads move apart: from the last one on.
    for (let head = heads - 1; 0 <= head; head--) {
      const from = head * old * headSize;
      before.copyWithin(head * past * headSize, from, from + old * headSize);
      for (let row = 0; row < added; row++) {
        const at = (row * heads + head) * headSize;
        before.set(this.after.subarray(at, at + headSize), (head * past + old + row) * headSize);
      }
    }
    this.after.copyWithin(0, added * heads * headSize);
    this.before = before;
    this.past = past;
  }

  private shorten(past: number): void {
    const { heads, headSize } = this;
    const old = this.past;
    const added = old - past;
    const after = new Float32Array(added * heads * headSize + this.after.length);
    after.set(this.after, added * heads * headSize);
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < added; row++) {
        const from = (head * old + past + row) * headSize;
        after.set(this.before.subarray(from, from + headSize), (row * heads + head) * headSize);
      }
    }
    // Heads move together: from the first one on.
    for (let head = 0; head < heads; head++) {
      const from = head * old * headSize;
      this.before.copyWithin(head * past * headSize, from, from + past * headSize);
    }
    const kept = past * heads * headSize;
    this.before = withRoom(this.before, kept, kept);
    this.after = after;
    this.past = past;
  }
}

/**
 * Room for `wanted` numbers of which the first `used` are kept: the same memory where it fits and is not far too large.
 * It grows by halves again, so that a growing text is not copied into new memory at each step.
 */
function withRoom(numbers: Float32Array, wanted: number, used: number): Float32Array<ArrayBuffer> {
  const isFit = wanted <= numbers.length && numbers.length <= Math.max(LEAST, 4 * wanted);
  if (isFit) return numbers as Float32Array<ArrayBuffer>;
  const room = new Float32Array(Math.ceil(wanted * 1.5));
  room.set(numbers.subarray(0, Math.min(used, wanted)));
  return room;
}

/** Numbers that are not worth giving back. */
const LEAST = 1 << 14;
