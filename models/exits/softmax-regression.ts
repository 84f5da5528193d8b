/** Multinomial logistic regression with a ridge, by accelerated gradient descent with restarts. */

/** `rows` holds N rows of `columns` numbers, one after the other; a bias is added here. */
export interface Examples {
  readonly rows: Float32Array;
  readonly columns: number;
  /** For each row, a class: 0 <= class < `classes`. */
  readonly labels: Uint8Array;
  readonly classes: number;
}

export interface Fitting {
  /** Weight of the squared weights (not of the bias) beside the mean loss. */
  readonly ridge: number;
  readonly steps: number;
}

/** Weights [classes, columns + 1], the bias last. Rows are expected to be about one in size, number by number. */
export function fitSoftmax(examples: Examples, { ridge, steps }: Fitting): Float32Array {
  const size = examples.classes * (examples.columns + 1);
  let weights: Float32Array = new Float32Array(size);
  let before = weights;
  let momentum = 1;
  let lossBefore = Infinity;
  // The loss is this smooth for rows of unit root mean square (softmax: half of the largest squared norm).
  let rate = 2 / (examples.columns + 1) / (0.5 + ridge);
  for (let step = 0; step < steps; step++) {
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const push = (momentum - 1) / next;
    const ahead = weights.map((weight, at) => weight + push * (weight - before[at]!));
    const { loss, gradient } = slope(examples, ahead, ridge);
    if (lossBefore < loss) {
      // Too far along: begin anew from here, without momentum.
      momentum = 1;
      before = weights;
      rate *= 0.7;
      lossBefore = Infinity;
      continue;
    }
    lossBefore = loss;
    before = weights;
    weights = ahead.map((weight, at) => weight - rate * gradient[at]!);
    momentum = next;
  }
  return weights;
}

/** Mean negative log-likelihood with the ridge, and its gradient. */
function slope(
  { rows, columns, labels, classes }: Examples,
  weights: Float32Array,
  ridge: number,
): { loss: number; gradient: Float32Array } {
  const width = columns + 1;
  const gradient = new Float32Array(weights.length);
  const chances = new Float64Array(classes);
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const values = rows.subarray(row * columns, (row + 1) * columns);
    scores(values, weights, chances);
    const label = labels[row]!;
    loss -= toChances(chances, label);
    for (let one = 0; one < classes; one++) {
      const error = (chances[one]! - (one === label ? 1 : 0)) / labels.length;
      const start = one * width;
      for (let at = 0; at < columns; at++) gradient[start + at]! += error * values[at]!;
      gradient[start + columns]! += error;
    }
  }
  loss /= labels.length;
  weights.forEach((weight, at) => {
    if (at % width === columns) return;
    loss += (ridge / 2) * weight * weight;
    gradient[at]! += ridge * weight;
  });
  return { loss, gradient };
}

/** Writes the chances of all classes at one row into `into`. */
export function predict(values: Float32Array, weights: Float32Array, into: Float64Array): void {
  scores(values, weights, into);
  toChances(into, 0);
}

function scores(values: Float32Array, weights: Float32Array, into: Float64Array): void {
  const { length } = values;
  for (let one = 0; one < into.length; one++) {
    const start = one * (length + 1);
    let sum = weights[start + length]!;
    for (let at = 0; at < length; at++) sum += weights[start + at]! * values[at]!;
    into[one] = sum;
  }
}

/** Scores to chances, in place; returns the logarithm of that of `label`. */
function toChances(values: Float64Array, label: number): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  const log = values[label]! - most - Math.log(sum);
  for (let at = 0; at < values.length; at++) values[at] = Math.exp(values[at]! - most) / sum;
  return log;
}
