/** Fits a controller: at each exit, a linear head on the hidden state with three outcomes. */
import { outcomes } from '../../language-server/inference/exit-controller.js';
import type { Observed } from './observe-corpus.js';
import { fitSoftmax } from './softmax-regression.js';

/**
 * `right`: leave where this exit's choice is what the author wrote. `agreement`: where it is what full depth says.
 * Stop, for both, where no depth is right.
 */
export type Label = 'right' | 'agreement';

const ridge = 1e-3;
const steps = 150;

/** Heads [exits, outcomes, width + 1]. The last exit has one too: whether anything is worth saying there. */
export function fitController(observed: Observed, label: Label): Float32Array {
  const { exits, width, states } = observed;
  const size = outcomes.length * (width + 1);
  const heads = new Float32Array(exits.length * size);
  exits.forEach((_, index) => {
    const { rows, mean, deviation } = standardised(states[index]!, width);
    const labels = labelsAt(observed, index, label);
    const weights = fitSoftmax({ rows, columns: width, labels, classes: outcomes.length }, { ridge, steps });
    heads.set(unstandardised(weights, mean, deviation), index * size);
  });
  return heads;
}

/** Indices into `outcomes`, one a position. */
export function labelsAt({ choices, truth }: Observed, index: number, label: Label): Uint8Array {
  const deepest = choices.at(-1)!;
  return Uint8Array.from(truth, (token, at) => {
    if (choices.every((all) => all[at] !== token)) return outcomes.indexOf('stop');
    const wanted = label === 'right' ? token : deepest[at];
    return outcomes.indexOf(choices[index]![at] === wanted ? 'exit' : 'continue');
  });
}

/** Each number with mean 0 and deviation 1: a few of them are hundreds of times larger than all others. */
function standardised(
  states: Float32Array,
  width: number,
): { rows: Float32Array; mean: Float64Array; deviation: Float64Array } {
  const count = states.length / width;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  states.forEach((value, at) => (mean[at % width]! += value / count));
  states.forEach((value, at) => (deviation[at % width]! += (value - mean[at % width]!) ** 2 / count));
  deviation.forEach((square, at) => (deviation[at] = Math.sqrt(square) || 1));
  const rows = states.map((value, at) => (value - mean[at % width]!) / deviation[at % width]!);
  return { rows, mean, deviation };
}

/** The same weights for states as they are. */
function unstandardised(weights: Float32Array, mean: Float64Array, deviation: Float64Array): Float32Array {
  const width = mean.length;
  const plain = weights.slice();
  for (let start = 0; start < weights.length; start += width + 1) {
    let shift = 0;
    for (let at = 0; at < width; at++) {
      plain[start + at] = weights[start + at]! / deviation[at]!;
      shift += plain[start + at]! * mean[at]!;
    }
    plain[start + width] = weights[start + width]! - shift;
  }
  return plain;
}
