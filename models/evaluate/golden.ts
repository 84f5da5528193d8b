/** The golden files that models/recipe/write_golden.py writes: what the PyTorch reference answers to code prompts. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Golden {
  /** Token ids at which logits were kept. */
  readonly ids: readonly number[];
  /** Positions at which they were kept for every prompt. */
  readonly positions: readonly number[];
  /** Layers after which the first `exitPrompts` prompts were also judged. */
  readonly exits: readonly number[];
  readonly exitPrompts: number;
  /** The first so many prompts have one row of logits in full. */
  readonly fullRows: number;
  readonly prompts: readonly GoldenPrompt[];
}

export interface GoldenPrompt {
  readonly language: string;
  readonly file: string;
  readonly text: string;
  readonly tokens: readonly number[];
  /** Natural logarithms of the probabilities of the tokens, from the second on. */
  readonly logProbs: readonly number[];
  /** The likeliest next tokens with their log-probabilities. */
  readonly top: readonly (readonly [token: number, logProb: number])[];
  readonly greedy: readonly number[];
}

/** Logits of one prompt at the kept ids. */
export interface GoldenLogits {
  /** Positions in the prompt, with the logits at `ids`. */
  readonly rows: readonly { readonly position: number; readonly logits: Float32Array }[];
  /** All logits at the last position. */
  readonly full?: Float32Array;
  /** At the last position, spoken after each of `exits`. */
  readonly atExits?: readonly Float32Array[];
}

/** Of the published GGUF file, on a hundred prompts, with logits. */
const PUBLISHED = fileURLToPath(new URL('../../test/models/golden', import.meta.url));
/** Of the weights that ship, on ten of these prompts. */
export const shippedGolden = path.join(PUBLISHED, 'shipped');

export function readGolden(folder = PUBLISHED): Golden {
  return JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8')) as Golden;
}

/** The kept logits of every prompt, in the order in which write_golden.py writes them. */
export function readGoldenLogits(
  { ids, positions, exits, exitPrompts, fullRows, prompts }: Golden,
  vocabulary: number,
): GoldenLogits[] {
  const bytes = readFileSync(path.join(PUBLISHED, 'logits.bin'));
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let at = 0;
  const take = (count: number): Float32Array => values.subarray(at, (at += count));
  return prompts.map((_, index) => {
    const rows = positions.map((position) => ({ position, logits: take(ids.length) }));
    return {
      rows,
      ...(index < fullRows ? { full: take(vocabulary) } : {}),
      ...(index < exitPrompts ? { atExits: exits.map(() => take(ids.length)) } : {}),
    };
  });
}
