/** Writes a small bundle of random weights, in about a tenth of a second: for tests of the engine and of the server. */
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import { promptOf } from './prompt-format.js';
import { randomModel, type RandomModelOptions } from './random-model.js';
import type { WeightFormat } from './weight-formats.js';
import { writeBundle } from './write-bundle.js';

export interface RandomBundleOptions extends RandomModelOptions {
  /** Any form that does not ask for a 4-bit source. */
  readonly weights?: Extract<WeightFormat, 'fp32' | 'q8' | 'q8-b32' | 'q4' | 'q4-b16' | 'q4-zero'>;
  /** Exits; by default halfway and at full depth. */
  readonly exits?: readonly number[];
}

/** The bundle in `folder`; the same options give the same bytes. */
export async function writeRandomBundle(
  folder: string,
  options: RandomBundleOptions = {},
): Promise<BundleDescription> {
  const source = randomModel(options);
  const { layers } = source.architecture;
  const exits = options.exits ?? [...new Set([Math.ceil(layers / 2), layers])];
  return writeBundle(source, folder, {
    weights: options.weights ?? 'fp32',
    exits,
    prompt: promptOf(source.vocabulary),
  });
}
