/**
 * The controller of a bundle: a linear head at each exit that reads, from the hidden state, whether to go on.
 *
 * After Sun et al., *When Neural Code Completion Models Size up the Situation* (ICSE 2024), with two differences: each
 * exit has a head of its own, and `exit` is learnt as "the choice of *this* exit is right", since this is what leaving
 * here would emit.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleError, type Bundle } from './bundle.js';

/** In the order of the heads' rows. */
export const outcomes = ['continue', 'exit', 'stop'] as const;

/** Chances that sum to one: going deeper is needed, this exit's choice is right, no depth would be right. */
export type Outcomes = Readonly<Record<(typeof outcomes)[number], number>>;

export interface ExitController {
  readonly exits: readonly number[];
  /** From which chance of `exit` on leaving early is recommended; null: never. */
  readonly exitAt: number | null;
  /** Undefined at an exit that has no head. */
  judge(exit: number, hidden: Float32Array): Outcomes | undefined;
}

/** Undefined where the bundle has none. @throws BundleError when the file does not fit its description. */
export async function readController(bundle: Bundle): Promise<ExitController | undefined> {
  const { controller, architecture } = bundle;
  if (!controller) return undefined;
  const bytes = await readFile(join(bundle.folder, controller.file));
  const columns = architecture.hidden + 1;
  const wanted = controller.exits.length * outcomes.length * columns * 4;
  if (bytes.length !== wanted) {
    throw new BundleError(
      `The controller ${controller.file} has ${bytes.length} bytes instead of ${wanted}. Fit it again.`,
    );
  }
  const heads = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return controllerOf(controller.exits, heads, columns, controller.exitAt);
}

/** `heads` is [exits, outcomes, columns]; the last column is the bias. */
export function controllerOf(
  exits: readonly number[],
  heads: Float32Array,
  columns: number,
  exitAt: number | null,
): ExitController {
  return {
    exits,
    exitAt,
    judge(exit, hidden) {
      const index = exits.indexOf(exit);
      if (index < 0) return undefined;
      const scale = 1 / rootMeanSquare(hidden);
      const scores = outcomes.map((_, row) => {
        const start = (index * outcomes.length + row) * columns;
        let sum = 0;
        for (let at = 0; at < columns - 1; at++) sum += heads[start + at]! * hidden[at]!;
        return sum * scale + heads[start + columns - 1]!;
      });
      const [goOn, leave, stop] = softmax(scores);
      return { continue: goOn!, exit: leave!, stop: stop! };
    },
  };
}

/** Deeper layers have larger hidden states; heads read them at one size. */
export function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length) || 1;
}

function softmax(scores: readonly number[]): readonly number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
