/** Reads code by teacher forcing and notes, at many positions, what every exit of the network would say. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../language-server/inference/cancellation.js';
import { rootMeanSquare } from '../../language-server/inference/exit-controller.js';
import type { OnnxModel } from '../../language-server/inference/onnx-model.js';
import type { TokenId, Tokenizer } from '../../language-server/tokens/vocabulary.js';

/** Positions of code. `states[e]` is [positions, width] at exit e, at unit size; `choices[e]` the likeliest tokens. */
export interface Observed {
  readonly exits: readonly number[];
  readonly width: number;
  readonly states: readonly Float32Array[];
  readonly choices: readonly Int32Array[];
  /** The token that the author wrote. */
  readonly truth: Int32Array;
}

/** Tokens of one file that are read, and how many at its beginning only serve as context. */
const WINDOW = 320;
const CONTEXT = 64;

const source = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|py)$/;

/** Source files below `folder`, in an order that takes packages by turns. */
export async function sourcesIn(folder: string): Promise<readonly string[]> {
  const packages = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const lists = await Promise.all(
    packages.map(async ({ name }) => {
      const files = await readdir(path.join(folder, name), { recursive: true });
      return files
        .filter((file) => source.test(file) && !/\.(d\.[cm]?ts|min\.js)$/.test(file))
        .map((file) => path.join(folder, name, file))
        .sort((a, b) => scramble(a) - scramble(b));
    }),
  );
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat();
}

/** Collects `most` positions, one stretch of text a file. */
export async function observe(
  files: readonly string[],
  model: OnnxModel,
  tokenizer: Tokenizer,
  width: number,
  most: number,
  progress: (positions: number) => void,
): Promise<Observed> {
  const { exits } = model;
  const states = exits.map(() => new Float32Array(most * width));
  const choices = exits.map(() => new Int32Array(most));
  const truth = new Int32Array(most);
  let count = 0;
  for (const file of files) {
    if (count === most) break;
    const tokens = await windowOf(file, tokenizer);
    if (!tokens) continue;
    const first = count;
    const takes = Math.min(most - first, tokens.length - 1 - CONTEXT);
    for (let at = 0; at < takes; at++) truth[first + at] = tokens[CONTEXT + at + 1]!;
    await model.observe(tokens.slice(0, CONTEXT + takes), never, (start, exit, hidden, logits) => {
      const index = exits.indexOf(exit);
      const vocabulary = (logits.length * width) / hidden.length;
      for (let row = 0; row * width < hidden.length; row++) {
        const at = start + row - CONTEXT;
        if (at < 0 || takes <= at) continue;
        const state = hidden.subarray(row * width, (row + 1) * width);
        const scale = 1 / rootMeanSquare(state);
        states[index]!.set(
          state.map((value) => value * scale),
          (first + at) * width,
        );
        choices[index]![first + at] = likeliest(logits.subarray(row * vocabulary, (row + 1) * vocabulary));
      }
    });
    count += takes;
    progress(count);
  }
  return {
    exits,
    width,
    states: states.map((all) => all.subarray(0, count * width)),
    choices: choices.map((all) => all.subarray(0, count)),
    truth: truth.subarray(0, count),
  };
}

/** A stretch of a file from a place that its name fixes. */
async function windowOf(file: string, tokenizer: Tokenizer): Promise<readonly TokenId[] | undefined> {
  const { size } = await stat(file);
  if (size < 400 || 300_000 < size) return undefined;
  const text = (await readFile(file, 'utf8')).replaceAll(/\r\n?/g, '\n');
  const lines = text.split('\n');
  if (lines.some((line) => 1_000 < line.length)) return undefined;
  const start = Math.floor((scramble(file) / 2 ** 32) * Math.max(1, lines.length - 30));
  const tokens = tokenizer.encode(lines.slice(start, start + 120).join('\n')).slice(0, WINDOW);
  return tokens.length <= CONTEXT + 1 ? undefined : tokens;
}

function likeliest(logits: Float32Array): TokenId {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[best]! < logits[token]!) best = token;
  return best;
}

/** A number below 2^32 that the last parts of a path fix (FNV-1a). */
function scramble(file: string): number {
  let hash = 0x811c9dc5;
  for (const unit of file.split(path.sep).slice(-3).join('/')) {
    hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  }
  return hash >>> 0;
}
