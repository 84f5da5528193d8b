/** What a controller would do on code that it has not seen, at several thresholds. */
import { controllerOf } from '../../language-server/inference/exit-controller.js';
import type { Observed } from './observe-corpus.js';

export const thresholds = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

export interface Judged {
  readonly positions: number;
  /** Share of positions at which no depth is right. */
  readonly hopeless: number;
  /** By exit: how often it says what full depth says, and what the author wrote. */
  readonly exits: readonly { readonly exit: number; readonly agreement: number; readonly right: number }[];
  /** By threshold of `exit`: share that leaves early, layers on average, and what that does to the choices. */
  readonly exitAt: readonly {
    readonly at: number;
    readonly early: number;
    readonly layers: number;
    readonly agreement: number;
    /** Of those that leave early; NaN where none does. */
    readonly agreementWhenEarly: number;
    readonly right: number;
  }[];
  /** By threshold of `stop`: share stopped, how many of these full depth would have had wrong, how many wrong ones. */
  readonly stopAt: readonly {
    readonly at: number;
    readonly stopped: number;
    readonly wrongWhenStopped: number;
    readonly caught: number;
  }[];
}

export function judgeController(observed: Observed, heads: Float32Array): Judged {
  const { exits, width, states, choices, truth } = observed;
  const controller = controllerOf(exits, heads, width + 1, null);
  const deepest = choices.at(-1)!;
  const positions = truth.length;
  const chances = Array.from(truth, (_, at) =>
    exits.map((exit, index) =>
      controller.judge(exit, states[index]!.subarray(at * width, (at + 1) * width))!,
    ),
  );
  const share = (holds: (at: number) => boolean): number => ratio(chances.map((_, at) => holds(at)));
  return {
    positions,
    hopeless: share((at) => choices.every((all) => all[at] !== truth[at])),
    exits: exits.map((exit, index) => ({
      exit,
      agreement: share((at) => choices[index]![at] === deepest[at]),
      right: share((at) => choices[index]![at] === truth[at]),
    })),
    exitAt: thresholds.map((at) => {
      const leaves = chances.map((all) => {
        const first = all.findIndex(({ exit }) => at <= exit);
        return first < 0 ? exits.length - 1 : first;
      });
      const early = leaves.map((index) => index < exits.length - 1);
      const agrees = leaves.map((index, place) => choices[index]![place] === deepest[place]);
      return {
        at,
        early: ratio(early),
        layers: leaves.reduce((sum, index) => sum + exits[index]!, 0) / positions,
        agreement: ratio(agrees),
        agreementWhenEarly: ratio(agrees.filter((_, place) => early[place])),
        right: ratio(leaves.map((index, place) => choices[index]![place] === truth[place])),
      };
    }),
    stopAt: thresholds.map((at) => {
      const stops = chances.map((all) => all.some(({ stop }) => at <= stop));
      const wrong = chances.map((_, place) => deepest[place] !== truth[place]);
      return {
        at,
        stopped: ratio(stops),
        wrongWhenStopped: ratio(wrong.filter((_, place) => stops[place])),
        caught: ratio(stops.filter((_, place) => wrong[place])),
      };
    }),
  };
}

function ratio(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length / flags.length;
}
