/** A model's file read with a mistake: what a test of equal continuations must notice. */
import type { ModelSource, SourceTensor } from '../../models/convert/model-source.js';

/** A source that differs from another one by a mistake. */
export type Mistake = (source: ModelSource) => ModelSource;

/** Reads one whole tensor; changes are made to a copy of its bytes. */
type Change = (tensor: SourceTensor, source: ModelSource) => SourceTensor | Promise<SourceTensor>;

/** `change` gets each tensor whose name matches, whole. */
function withTensors(names: RegExp, change: Change): Mistake {
  return (source) => ({
    ...partsOf(source),
    async tensor(name, first, end) {
      if (!names.test(name)) return source.tensor(name, first, end);
      const whole = await source.tensor(name);
      const { bytes, rows, ...rest } = await change({ ...whole, bytes: whole.bytes.slice() }, source);
      const [from, to] = [first ?? 0, end ?? rows];
      const perRow = bytes.length / rows;
      return { ...rest, rows: to - from, bytes: bytes.subarray(from * perRow, to * perRow) };
    },
  });
}

function withArchitecture(change: (of: ModelSource['architecture']) => object): Mistake {
  return (source) => ({
    ...partsOf(source),
    architecture: { ...source.architecture, ...change(source.architecture) },
  });
}

function partsOf(source: ModelSource): ModelSource {
  const { name, architecture, vocabulary, licence, provenance } = source;
  return {
    name,
    architecture,
    vocabulary,
    licence,
    provenance,
    shape: (tensor) => source.shape(tensor),
    tensor: (tensor, first, end) => source.tensor(tensor, first, end),
  };
}

const zero: Change = (tensor) => ({ ...tensor, bytes: tensor.bytes.fill(0) });

/** The two heads of keys or values change places. */
const swapHalves: Change = (tensor) => {
  const half = tensor.bytes.length / 2;
  return {
    ...tensor,
    bytes: Uint8Array.from([...tensor.bytes.subarray(half), ...tensor.bytes.subarray(0, half)]),
  };
};

/** In `rows` rows from the first on, the block at the front is that behind it. */
function repeatBlock(rows: (tensor: SourceTensor) => number, blockBytes: number): Change {
  return (tensor) => {
    const perRow = tensor.bytes.length / tensor.rows;
    for (let row = 0; row < rows(tensor); row++) {
      const at = row * perRow;
      tensor.bytes.copyWithin(at, at + blockBytes, at + 2 * blockBytes);
    }
    return tensor;
  };
}

/** Mistakes in all layers, which change what is said. */
export const MISTAKES: Readonly<Record<string, Mistake>> = {
  'no biases of queries, keys and values': withTensors(/attn_[qkv]\.bias/, zero),
  'heads of keys and values swapped': withTensors(/attn_[kv]\./, swapHalves),
  'rotary base of 10,000 for 1,000,000.5': withArchitecture(() => ({ ropeBase: 10_000 })),
  'gate and up swapped': (source) => ({
    ...partsOf(source),
    tensor: (name, first, end) =>
      source.tensor(
        name.replace(/ffn_(gate|up)/, (_, which) => (which === 'up' ? 'ffn_gate' : 'ffn_up')),
        first,
        end,
      ),
  }),
};

/** Mistakes so slight or so local that they seldom change which token is likeliest; blocks of Q8_0 have 34 bytes. */
export const SLIGHT_MISTAKES: Readonly<Record<string, Mistake>> = {
  "one layer's matrix of another layer": (source) => ({
    ...partsOf(source),
    tensor: (name, first, end) =>
      source.tensor(name.replace('blk.12.ffn_down', 'blk.13.ffn_down'), first, end),
  }),
  "one layer's attention silent": withTensors(/blk\.12\.attn_output/, zero),
  'epsilon ten times as large': withArchitecture(({ normEpsilon }) => ({ normEpsilon: 10 * normEpsilon })),
  'a wrong block in each row of a matrix': withTensors(
    /blk\.12\.attn_v\.weight/,
    repeatBlock(({ rows }) => rows, 34),
  ),
  'one wrong block': withTensors(
    /blk\.12\.attn_v\.weight/,
    repeatBlock(() => 1, 34),
  ),
};
