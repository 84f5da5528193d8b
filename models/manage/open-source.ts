/** Opens whatever a user calls a model: a GGUF file, or the folder of a checkpoint. */
import { stat } from 'node:fs/promises';
import { openBytes } from '../convert/gguf-header.js';
import { ConversionError, type ModelSource } from '../convert/model-source.js';
import { openGguf, type Overrides } from '../convert/read-gguf.js';
import { openCheckpoint } from '../convert/read-checkpoint.js';

export interface OpenedSource extends ModelSource, AsyncDisposable {}

/** @throws ConversionError with the reason and what can be converted instead. */
export async function openSource(file: string, overrides: Overrides): Promise<OpenedSource> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new ConversionError(`There is no file or folder ${file}.`);
  if (found.isDirectory()) return openCheckpoint(file, overrides);
  const bytes = await openBytes(file);
  const start = Buffer.from(await bytes.read(0, 8));
  await bytes.file.close();
  if (start.subarray(0, 2).toString('latin1') === 'PK' || /\.(bin|pt|pth|ckpt)$/i.test(file)) {
    throw new ConversionError(
      `${file} is a PyTorch file, which cannot be converted; GGUF files and folders with safetensors can.`,
    );
  }
  if (start.subarray(0, 4).toString('latin1') !== 'GGUF' && /\.safetensors$/i.test(file)) {
    throw new ConversionError(
      `${file} holds weights alone; name the folder of the checkpoint, with config.json and tokenizer.json.`,
    );
  }
  return openGguf(file, overrides);
}

/** Names the state of a file or folder, so that a conversion goes on only with the same. */
export async function fingerprintOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return `${file} ${size} ${mtimeMs}`;
}
