/** A small model of random weights with a byte-level vocabulary: for tests of all that does not depend on sense. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { bytesOf } from './graph-builder.js';
import { ConversionError, type ModelSource, type SourceVocabulary } from './model-source.js';

export interface RandomModelOptions {
  /** The same seed gives the same model. */
  readonly seed?: number;
  /** Parts of the architecture that differ from the smallest useful one. */
  readonly architecture?: Partial<Omit<BundleArchitecture, 'family' | 'vocabulary'>>;
}

/** Pairs that merge into one token each, in order of rank; a few make longer ones. */
const MERGES = [
  'e r',
  'r e',
  't h',
  'th e',
  'o n',
  'i n',
  'Ġ Ġ',
  'ĠĠ ĠĠ',
  'e t',
  'r et',
  'Ġ =',
  'Ċ Ċ',
  'c on',
  '( )',
  'a s',
];

/** A model whose weights follow from the seed alone. Its `endOfText` is id 0, and it knows `<file_sep>`. */
export function randomModel(options: RandomModelOptions = {}): ModelSource {
  const vocabulary = byteVocabulary();
  const hidden = options.architecture?.hidden ?? 64;
  const heads = options.architecture?.heads ?? 4;
  const architecture: BundleArchitecture = {
    family: 'llama',
    layers: 4,
    hidden,
    heads,
    keyValueHeads: 2,
    headSize: hidden / heads,
    feedForward: 2 * hidden,
    context: 1024,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
    ...options.architecture,
    vocabulary: vocabulary.tokens.length,
  };
  const shapes = tensorShapes(architecture);
  const seed = options.seed ?? 1;
  // Tensors are asked for piece by piece, the pieces of one in a row.
  let last: { readonly name: string; readonly values: Float32Array } | undefined;
  return {
    name: `Random weights, seed ${seed}`,
    architecture,
    vocabulary,
    licence: 'CC0-1.0',
    provenance: { source: `random numbers of seed ${seed}` },
    shape: (name) => {
      const shape = shapes(name);
      return shape && { rows: shape[0], columns: shape[1], type: 'F32' };
    },
    tensor: (name, first = 0, end) => {
      const shape = shapes(name);
      if (shape === undefined)
        return Promise.reject(new ConversionError(`The random model has no tensor ${name}.`));
      const [rows, columns, spread] = shape;
      if (last?.name !== name) {
        const values =
          spread === 0
            ? new Float32Array(columns).fill(1)
            : gaussian(`${seed} ${name}`, rows * columns, spread);
        last = { name, values };
      }
      const { values } = last;
      const bytes = bytesOf(values.subarray(first * columns, (end ?? rows) * columns));
      return Promise.resolve({ rows: (end ?? rows) - first, columns, type: 'F32', bytes });
    },
  };
}

/**
 * Rows, columns and standard deviation by tensor name. The layers' part outweighs the embedding's, lest the tied head
 * repeat the last token for ever.
 */
function tensorShapes(
  architecture: BundleArchitecture,
): (name: string) => [number, number, number] | undefined {
  const { hidden, heads, keyValueHeads, headSize, feedForward, vocabulary } = architecture;
  const width = keyValueHeads * headSize;
  const inLayer: Readonly<Record<string, [number, number, number]>> = {
    attn_norm: [1, hidden, 0],
    ffn_norm: [1, hidden, 0],
    attn_q: [heads * headSize, hidden, 2 / Math.sqrt(hidden)],
    attn_k: [width, hidden, 2 / Math.sqrt(hidden)],
    attn_v: [width, hidden, 1 / Math.sqrt(hidden)],
    attn_output: [hidden, heads * headSize, 1 / Math.sqrt(hidden)],
    ffn_gate: [feedForward, hidden, 1 / Math.sqrt(hidden)],
    ffn_up: [feedForward, hidden, 1 / Math.sqrt(hidden)],
    ffn_down: [hidden, feedForward, 1 / Math.sqrt(feedForward)],
  };
  return (name) => {
    if (name === 'token_embd.weight') return [vocabulary, hidden, 0.3];
    if (name === 'output_norm.weight') return [1, hidden, 0];
    const part = /^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1];
    return part === undefined ? undefined : inLayer[part];
  };
}

/** All bytes as GPT-2 spells them, two control tokens, and a few merges. */
function byteVocabulary(): SourceVocabulary {
  const bytes = byteCharacters();
  const merged = MERGES.map((merge) => merge.replace(' ', ''));
  const known = new Set(bytes);
  const merges = MERGES.filter((merge) => {
    const usable = merge.split(' ').every((part) => known.has(part));
    if (usable) known.add(merge.replace(' ', ''));
    return usable;
  });
  return {
    kind: 'byte-level',
    tokens: ['<|endoftext|>', '<file_sep>', ...bytes, ...merged.filter((token) => known.has(token))],
    merges,
    controlTokens: [0, 1],
    preTokenizer: 'smollm',
    endOfText: [0],
  };
}

/** GPT-2's printable character for each byte: itself where printable, else one from U+0100 on. */
function byteCharacters(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** Normally distributed numbers (Box and Muller, 1958) from a small generator (mulberry32) seeded by a text. */
function gaussian(seed: string, length: number, spread: number): Float32Array {
  let state = 0;
  for (const character of seed) state = (Math.imul(state, 31) + character.codePointAt(0)!) >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // In a loop, since Float32Array.from takes several times as long.
  const numbers = new Float32Array(length);
  for (let index = 0; index < length; index++) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    numbers[index] = spread * radius * Math.cos(2 * Math.PI * uniform());
  }
  return numbers;
}
