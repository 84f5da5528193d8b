/** Which format a bundle gets where it is to be as its file is. */
import { matricesOf, valuesIn } from './model-matrices.js';
import { isFloat, type ModelSource } from './model-source.js';
import type { WeightFormat } from './weight-formats.js';

/** Matrices of this many numbers take 3 GB of memory as float32, and as much is read for each token. */
const MOST_FLOATS = 750e6;

/**
 * A file that is nothing but floats was made by somebody who did not want them rounded, and llama.cpp does not round
 * them: its bundle computes in float32, unless it is too large for that to be sensible. Single matrices of floats in
 * a file of blocks gain nothing by it, since the inputs of the others are rounded anyway.
 */
export function formatFor(source: ModelSource, asked: WeightFormat): WeightFormat {
  const floats = matricesOf(source).every(({ type }) => isFloat(type));
  return asked === 'kept' && floats && valuesIn(source) <= MOST_FLOATS ? 'fp32' : asked;
}
