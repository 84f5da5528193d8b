/** Logistic regression for few features: Newton's method with a ridge, and what it predicts. */

export interface Logistic {
  readonly means: readonly number[];
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly offset: number;
}

/** The logarithm of the odds. */
export function logOdds({ means, scales, weights, offset }: Logistic, features: readonly number[]): number {
  return weights.reduce(
    (sum, weight, at) => sum + weight * ((features[at]! - means[at]!) / scales[at]!),
    offset,
  );
}

export function chanceOf(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}

/** `ridge` counts like so many examples against large weights. There must be an example at least. */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  ridge: number,
): Logistic {
  const columns = rows[0]!.length;
  const means = column(columns, (at) => mean(rows.map((row) => row[at]!)));
  const scales = column(
    columns,
    (at) => Math.sqrt(mean(rows.map((row) => (row[at]! - means[at]!) ** 2))) || 1,
  );
  const standard = rows.map((row) => [...row.map((value, at) => (value - means[at]!) / scales[at]!), 1]);
  const weights = newton(
    standard,
    labels,
    [...Array<number>(columns).fill(ridge), 1e-6],
    column(columns + 1, () => 0),
  );
  return { means, scales, weights: weights.slice(0, columns), offset: weights[columns]! };
}

/** Minimises the negative log-likelihood plus half of `penalties` times the squared distance from `centre`. */
export function newton(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  penalties: readonly number[],
  centre: readonly number[],
): readonly number[] {
  const size = centre.length;
  let weights = [...centre];
  for (let step = 0; step < 50; step++) {
    const gradient = weights.map((weight, at) => penalties[at]! * (weight - centre[at]!));
    const curvature = column(size, (i) => column(size, (j) => (i === j ? penalties[i]! : 0)));
    rows.forEach((row, index) => {
      const chance = chanceOf(row.reduce((sum, value, at) => sum + value * weights[at]!, 0));
      const error = chance - (labels[index] ? 1 : 0);
      const weight = Math.max(chance * (1 - chance), 1e-6);
      for (let i = 0; i < size; i++) {
        gradient[i]! += error * row[i]!;
        for (let j = 0; j < size; j++) curvature[i]![j]! += weight * row[i]! * row[j]!;
      }
    });
    const move = solve(curvature, gradient);
    weights = weights.map((weight, at) => weight - Math.max(-4, Math.min(4, move[at]!)));
    if (move.every((value) => Math.abs(value) < 1e-6)) break;
  }
  return weights;
}

/** Gaussian elimination with pivots; changes what it is given. */
function solve(matrix: number[][], right: number[]): readonly number[] {
  const size = right.length;
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let row = i + 1; row < size; row++)
      if (Math.abs(matrix[pivot]![i]!) < Math.abs(matrix[row]![i]!)) pivot = row;
    [matrix[i], matrix[pivot]] = [matrix[pivot]!, matrix[i]!];
    [right[i], right[pivot]] = [right[pivot]!, right[i]!];
    for (let row = i + 1; row < size; row++) {
      const factor = matrix[row]![i]! / matrix[i]![i]!;
      for (let at = i; at < size; at++) matrix[row]![at]! -= factor * matrix[i]![at]!;
      right[row]! -= factor * right[i]!;
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let at = i + 1; at < size; at++) right[i]! -= matrix[i]![at]! * right[at]!;
    right[i]! /= matrix[i]![i]!;
  }
  return right;
}

function column<T>(size: number, value: (at: number) => T): T[] {
  return Array.from({ length: size }, (_, at) => value(at));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
