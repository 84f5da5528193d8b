/** A bundle of random weights of the shape of a 1.5B coder, for measuring speed alone. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readBundle, type Bundle } from '../../../language-server/inference/bundle.js';
import { writeRandomBundle } from '../../../models/convert/random-bundle.js';

/**
 * Made once, in minutes. The shape is Qwen2.5-Coder-1.5B's but for the vocabulary, which is the random model's own few
 * hundred tokens: so the head, a seventh of the real model's weights, costs nothing here.
 */
export async function coderBundle(folder: string, progress: (line: string) => void): Promise<Bundle> {
  if (!existsSync(path.join(folder, 'bundle.json'))) {
    progress(`Making ${folder}.`);
    const architecture = {
      layers: 28,
      hidden: 1536,
      heads: 12,
      keyValueHeads: 2,
      headSize: 128,
      feedForward: 8960,
      context: 4096,
    };
    await writeRandomBundle(folder, { weights: 'q4', architecture, exits: [7, 14, 21, 28] });
  }
  return readBundle(folder);
}
