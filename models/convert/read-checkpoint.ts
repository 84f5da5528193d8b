/** The folder of a published checkpoint as a model source: safetensors, config.json and tokenizer.json. */
import { ConversionError, type ModelSource } from './model-source.js';
import type { Overrides } from './read-gguf.js';

export interface CheckpointSource extends ModelSource, AsyncDisposable {}

export function openCheckpoint(folder: string, { name }: Overrides = {}): Promise<CheckpointSource> {
  return Promise.reject(
    new ConversionError(`${name ?? folder} is a folder; only GGUF files can be converted for now.`),
  );
}
