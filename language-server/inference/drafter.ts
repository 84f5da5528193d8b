/** The drafter of a bundle: a small graph that guesses the next token, so that the network can read it ahead. */
import { join } from 'node:path';
import type { Bundle } from './bundle.js';
import type { Embedding } from './embedding.js';
import type { Drafter } from './model.js';
import type { Runtime } from './onnx-session.js';

export interface LoadedDrafter extends Drafter {
  release(): Promise<void>;
}

/** Undefined where the bundle has none. @throws EngineFailure when the graph does not load. */
export async function loadDrafter(
  bundle: Bundle,
  runtime: Runtime,
  embedding: Embedding,
): Promise<LoadedDrafter | undefined> {
  if (!bundle.drafter) return undefined;
  const graph = await runtime.load(join(bundle.folder, bundle.drafter.file));
  const { width } = embedding;
  return {
    async next(state, token) {
      const row = new Float32Array(width);
      embedding.write([[token, 1]], row, 0);
      const { next, guess, chance } = await graph.run({
        state: runtime.floats(state, [1, width]),
        token: runtime.floats(row, [1, width]),
      });
      return { state: next!, guess: { token: guess![0]!, chance: chance![0]! } };
    },
    release: () => graph.release(),
  };
}
