/** The real engine over a small bundle of random weights, for all tests of a file or of one `describe`. */
import { afterAll, beforeAll } from 'vitest';
import type { OnnxModel } from '../../language-server/inference/onnx-model.js';
import { engineOf, randomBundleFolder, removeBundle } from './random-engine.js';

/** Open while tests run; before them, asking for either is an error. */
export interface OpenEngine {
  readonly folder: string;
  readonly model: OnnxModel;
}

/** Opens before the tests where it is called, closes after them and removes the bundle. */
export function openRandomEngine(): OpenEngine {
  let folder: string | undefined;
  let model: OnnxModel | undefined;
  beforeAll(async () => {
    folder = await randomBundleFolder();
    model = await engineOf(folder);
  });
  afterAll(async () => {
    await model?.release();
    if (folder !== undefined) await removeBundle(folder);
  });
  return {
    get folder() {
      return open(folder);
    },
    get model() {
      return open(model);
    },
  };
}

function open<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The engine is open only while tests run.');
  return value;
}
