/** Reads what `python -m models.recipe.train.train_drafter` has trained: a safetensors file of one drafter. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import type { Embedding } from '../../language-server/inference/embedding.js';
import { dequantise } from '../convert/dequantise.js';
import { openBytes } from '../convert/gguf-header.js';
import { readSafetensors } from '../convert/safetensors.js';
import type { DrafterBlock, DrafterWeights } from './drafter-graph.js';

/** What of a bundle a drafter has to fit. */
export interface Trunk {
  readonly architecture: Pick<BundleArchitecture, 'hidden' | 'vocabulary' | 'normEpsilon'>;
  /** The rows that its guesses are scored by: those of the table that the head multiplies by. */
  readonly embedding: Embedding;
}

/** @throws ConversionError, or an Error with a sentence, when the file is damaged or of another network. */
export async function readDrafter(file: string, { architecture, embedding }: Trunk): Promise<DrafterWeights> {
  const { hidden, vocabulary, normEpsilon } = architecture;
  const source = await openBytes(file);
  try {
    const tensors = await readSafetensors(source, file);
    const read = async (name: string, size?: number): Promise<Float32Array> => {
      const tensor = tensors.get(name);
      if (!tensor) throw new Error(`${file} has no ${name}: it is no drafter.`);
      const { rows, columns, type, offset } = tensor;
      const values = rows * columns;
      if (size !== undefined && values !== size)
        throw new Error(
          `${file} gives ${name} ${values} values instead of ${size}: it is of another network.`,
        );
      const bytes = await source.read(offset, values * (type === 'F32' ? 4 : 2));
      return dequantise({ rows, columns, type, bytes });
    };
    const tokens = [...(await read('tokens'))];
    const strange = tokens.find((token) => !Number.isInteger(token) || token < 0 || vocabulary <= token);
    if (strange !== undefined)
      throw new Error(`${file} guesses token ${strange}, which the bundle does not have.`);
    const blocks: DrafterBlock[] = [];
    while (tensors.has(`blocks.${blocks.length}.norm`)) {
      const part = (name: string, size?: number) => read(`blocks.${blocks.length}.${name}`, size);
      const gate = await part('gate');
      blocks.push({
        norm: await part('norm', hidden),
        gate,
        up: await part('up', gate.length),
        down: await part('down', gate.length),
      });
    }
    return {
      width: hidden,
      normEpsilon,
      stateNorm: await read('state_norm', hidden),
      tokenNorm: await read('token_norm', hidden),
      input: await read('in.weight', 2 * hidden * hidden),
      blocks,
      outputNorm: await read('output_norm', hidden),
      head: headOf(tokens, await read('other', hidden), embedding),
      tokens: [...tokens, -1],
    };
  } finally {
    await source.file.close();
  }
}

/** [tokens + 1, hidden] */
function headOf(tokens: readonly number[], other: Float32Array, embedding: Embedding): Float32Array {
  const { width } = embedding;
  const head = new Float32Array((tokens.length + 1) * width);
  for (const [index, token] of tokens.entries()) embedding.write([[token, 1]], head, index * width);
  head.set(other, tokens.length * width);
  return head;
}
