/** Cancellation as a shared flag: set by the thread that asks, read by the worker between block calls. */

export interface Cancellation {
  readonly requested: boolean;
}

/** Never cancelled: for the command line and tests. */
export const never: Cancellation = { requested: false };

/** Thrown by the engine when it finds the flag set. The one exception that is not a bug: it unwinds the decode loop. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** A flag in shared memory. Both threads build one over the same buffer; generation numbers make a late flag harmless. */
export class SharedCancellation {
  private readonly cells: Int32Array;

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.cells = new Int32Array(buffer);
  }

  /** Cancels every request numbered up to and including `request`. */
  cancelUpTo(request: number): void {
    if (Atomics.load(this.cells, 0) < request) Atomics.store(this.cells, 0, request);
  }

  /** The view of one request on the flag. */
  of(request: number): Cancellation {
    const { cells } = this;
    return {
      get requested() {
        return request <= Atomics.load(cells, 0);
      },
    };
  }
}
