/** Opens whatever a user calls a model: a GGUF file, or the folder of a checkpoint. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
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

/** Names the state of a file, or of the files of a folder, so that a conversion goes on only with the same. */
export async function fingerprintOf(file: string): Promise<string> {
  const whole = path.resolve(file);
  const found = await stat(whole);
  if (!found.isDirectory()) return `${whole} ${found.size} ${found.mtimeMs}`;
  const parts: string[] = [];
  for (const name of (await readdir(whole)).sort()) {
    if (!/\.(safetensors|json)$/.test(name)) continue;
    const { size, mtimeMs } = await stat(path.join(whole, name));
    parts.push(`${name} ${size} ${mtimeMs}`);
  }
  return [whole, ...parts].join('\n');
}
