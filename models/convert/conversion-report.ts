/** What became of each tensor: carried over exactly, or rounded anew, and by how much that is off. */
import { z } from 'zod';
import type { Encoded } from './matrix-pieces.js';

const tensorReport = z.strictObject({
  tensor: z.string(),
  /** How the source stored it. */
  type: z.string(),
  values: z.number(),
  exact: z.boolean(),
  /** Root mean square of what the values are off by, over that of the values; 0 where exact. */
  loss: z.number(),
});
const schema = z.strictObject({
  tensors: z.array(tensorReport),
  exactTensors: z.number(),
  requantisedTensors: z.number(),
  /** As for one tensor, over all of them. */
  loss: z.number(),
});

export type TensorReport = z.infer<typeof tensorReport>;
/** The contents of a bundle's `conversion.json`. */
export type ConversionReport = z.infer<typeof schema>;

/** @throws ZodError when the text is something else. */
export function readReport(text: string): ConversionReport {
  return schema.parse(JSON.parse(text));
}

/** Sums of squares of one tensor; plain data, kept between the parts of a conversion. */
export interface TensorSums {
  readonly type: string;
  values: number;
  exact: boolean;
  squares: number;
  squaredErrors: number;
}

/** Adds what has been encoded to the sums of its tensor. */
export function addEncoded(sums: Record<string, TensorSums>, encoded: Encoded): void {
  const { tensor, shape, rows, exact, squares = 0, squaredErrors = 0 } = encoded;
  const own = (sums[tensor] ??= { type: shape.type, values: 0, exact, squares: 0, squaredErrors: 0 });
  own.values += rows * shape.columns;
  own.squares += squares;
  own.squaredErrors += squaredErrors;
}

export function reportOf(sums: Readonly<Record<string, TensorSums>>): ConversionReport {
  const tensors = Object.entries(sums).map(([tensor, { type, values, exact, squares, squaredErrors }]) => ({
    tensor,
    type,
    values,
    exact,
    loss: squares === 0 ? 0 : rounded(Math.sqrt(squaredErrors / squares)),
  }));
  const all = Object.values(sums);
  const squares = all.reduce((sum, one) => sum + one.squares, 0);
  const errors = all.reduce((sum, one) => sum + one.squaredErrors, 0);
  const exactTensors = tensors.filter(({ exact }) => exact).length;
  return {
    tensors,
    exactTensors,
    requantisedTensors: tensors.length - exactTensors,
    loss: squares === 0 ? 0 : rounded(Math.sqrt(errors / squares)),
  };
}

/** Six digits are more than anybody compares, and the same on every machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
