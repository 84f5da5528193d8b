/**
 * What rounding to blocks is expected to change: in plain loops, each value of a block is off by a random part of the
 * block's step, as docs/models.md says of each storage type. Nothing of the converter's own rounding is in it, so that
 * what a bundle loses can be held to what its formats must lose.
 */
import { fromFloat16, toFloat16 } from '../../models/convert/float16.js';
import { isFloat, type ModelSource, type TensorType } from '../../models/convert/model-source.js';
import { geluByTanh, type Departures } from './plain-decoder.js';
import { randomNumbers } from './random-tensors.js';

/** Types whose blocks are carried over, and those of which less than a thousandth of a value is lost in layers. */
const EXACT: readonly TensorType[] = ['Q4_0', 'Q5_0', 'Q8_0'];
const NEARLY: readonly TensorType[] = ['Q4_1', 'Q4_K'];

/**
 * A bundle that keeps weights: eight bits in blocks of 32 for inputs, and for weights of all other types. Floats are
 * kept as floats, and computed with in single precision.
 */
export function noiseOfKept(source: ModelSource, seed = 1): Departures {
  if (isFloat(source.shape('blk.0.attn_q.weight')!.type)) return { round: Math.fround };
  const random = randomNumbers(seed);
  const isTied = source.shape('output.weight') === undefined;
  return {
    matrix: (name, values) => {
      const { type } = source.shape(name)!;
      // An embedding that the head multiplies by has no offsets; another one keeps all blocks, to a thousandth.
      const isTable = name === 'token_embd.weight';
      const kept = EXACT.includes(type) || (isTable ? !isTied : NEARLY.includes(type));
      return kept ? values : withNoise(values, 32, random);
    },
    input: (row) => withNoise(row, 32, random),
  };
}

/** llama.cpp: weights as they are; inputs in eight bits by the block of the weights, or in the weights' own floats. */
export function noiseOfLlama(type: TensorType, seed = 2): Departures {
  const random = randomNumbers(seed);
  switch (type) {
    case 'F32':
      return { round: Math.fround };
    case 'F16':
      return { input: (row) => row.map((value) => fromFloat16(toFloat16(value))) };
    case 'BF16':
      return { input: (row) => row.map(toBfloat16) };
    case 'Q4_0':
    case 'Q4_1':
    case 'Q5_0':
    case 'Q5_1':
    case 'Q8_0':
      return { input: (row) => withNoise(row, 32, random) };
    case 'Q4_K':
    case 'Q5_K':
    case 'Q6_K':
      return { input: (row) => withNoise(row, 256, random) };
  }
}

/** llama.cpp looks GELU up in a table of float16, by arguments in float16, even where all else is float32. */
export const geluOfLlama: Departures = {
  gelu: (value) => fromFloat16(toFloat16(geluByTanh(fromFloat16(toFloat16(value))))),
};

/** The nearest number of which a float32 needs only the upper half; ties go to the even one. */
function toBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}

/** Codes reach from -127 to 127, so a step is the largest value's 127th part; an error is any part of half a step. */
function withNoise<T extends Float32Array | Float64Array>(values: T, block: number, random: () => number): T {
  const noisy = values.slice() as T;
  for (let start = 0; start < values.length; start += block) {
    const end = Math.min(start + block, values.length);
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, Math.abs(values[i]!));
    for (let i = start; i < end; i++) noisy[i]! += (most / 127) * (random() - 0.5);
  }
  return noisy;
}
