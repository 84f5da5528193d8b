/** Whether a bundle will fit on its disk, asked before anything is written. */
import { statfs } from 'node:fs/promises';
import { matricesOf, TABLE, type NamedShape } from './model-matrices.js';
import { ConversionError, type ModelSource } from './model-source.js';
import type { WeightFormat } from './weight-formats.js';

/** About how many bytes the bundle takes: a little too many rather than too few. */
export function bundleBytes(source: ModelSource, weights: WeightFormat): number {
  const { context, headSize } = source.architecture;
  const tables = context * headSize * 4;
  const weightsBytes = matricesOf(source).reduce(
    (sum, shape) => sum + (shape.rows * shape.columns * bitsPerValue(shape, weights)) / 8,
    0,
  );
  return Math.ceil(weightsBytes * 1.02) + tables + 20e6;
}

/** Codes, and a float16 scale for each block, in tables an offset too; folded offsets are a sixteenth more columns, or a ninth of narrow matrices. */
function bitsPerValue({ name, type }: NamedShape, weights: WeightFormat): number {
  if (weights === 'fp32') return name !== TABLE && (type === 'F16' || type === 'BF16') ? 16 : 32;
  if (weights !== 'kept') return weights.startsWith('q8') ? 8.5 : 6;
  if (name === TABLE) return 9;
  if (type === 'Q4_0') return 4.5;
  return type === 'Q4_1' || type === 'Q4_K' ? 5.2 : 8.5;
}

/** @throws ConversionError when the disk of `folder` has less room than the bundle takes. */
export async function refuseWithoutSpace(
  source: ModelSource,
  folder: string,
  weights: WeightFormat,
): Promise<void> {
  const needed = bundleBytes(source, weights);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  throw new ConversionError(
    `The bundle takes about ${megabytes(needed)}, but the disk of ${folder} has ${megabytes(bavail * bsize)} left. ` +
      'Make room, or choose another folder.',
  );
}
