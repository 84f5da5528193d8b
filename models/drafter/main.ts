/** The command `node --import tsx models/drafter/main.ts BUNDLE DRAFTER.safetensors`: gives a bundle its drafter. */
import { parseArgs } from 'node:util';
import { readBundle } from '../../language-server/inference/bundle.js';
import { readEmbedding } from '../../language-server/inference/embedding.js';
import { encodeOnnxModel } from '../convert/onnx-writer.js';
import { addToBundle } from '../exits/add-to-bundle.js';
import { drafterGraph } from './drafter-graph.js';
import { readDrafter } from './read-drafter.js';

const FILE = 'drafter.onnx';

async function main(): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [folder, file] = positionals;
  if (folder === undefined || file === undefined) {
    console.error('Usage: node --import tsx models/drafter/main.ts BUNDLE DRAFTER.safetensors');
    return 2;
  }
  const bundle = await readBundle(folder);
  const weights = await readDrafter(file, { ...bundle, embedding: await readEmbedding(bundle) });
  const content = encodeOnnxModel(drafterGraph(weights));
  const provenance = `Trained beside the frozen network by models/recipe/train; guesses ${weights.tokens.length - 1} tokens.`;
  await addToBundle(folder, FILE, content, (description, name) => ({
    ...description,
    drafter: { file: name },
    provenance: { ...description.provenance, drafter: provenance },
  }));
  console.log(
    `${folder} has a drafter of ${weights.blocks.length} blocks that guesses ${weights.tokens.length - 1} tokens.`,
  );
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
