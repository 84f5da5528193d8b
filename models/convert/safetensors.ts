/**
 * Reads safetensors files: eight bytes of length, a JSON header, and the tensors' bytes behind it.
 *
 * JSON.parse reads the header and zod checks it; no library is left to use. @huggingface/hub (2.17.5), the one kept npm
 * package that parses safetensors, calls JSON.parse too, but on what it asks of a hub over HTTP, which a local file would
 * have to act out, and leaves every check of ours to be made: it does not hold a tensor's bytes to its shape, nor their
 * end to that of the file behind the header. `safetensors` on npm has not left 0.0.1.
 */
import { z } from 'zod';
import { type ByteSource } from './gguf-header.js';
import { shown } from './shown.js';
import { ConversionError, type TensorShape, type TensorType } from './model-source.js';
import { bytesPerRow } from './tensor-types.js';

/** A tensor of a file, whose bytes are known to lie inside it. */
export interface FileTensor extends TensorShape {
  readonly bytes: ByteSource;
  readonly offset: number;
}

/** As the hub's reader has it. The format allows four times as much, of which a hostile one takes two gigabytes to parse. */
const MOST_HEADER_BYTES = 25_000_000;
const TYPES: readonly TensorType[] = ['F32', 'F16', 'BF16'];
const MOST_DIMENSIONS = 2;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** The tensors of a file by name. @throws ConversionError naming what is wrong with it; `file` is for messages. */
export async function readSafetensors(
  bytes: ByteSource,
  file: string,
): Promise<ReadonlyMap<string, FileTensor>> {
  const refuse = (what: string): never => {
    throw new ConversionError(`${file} ${what}`);
  };
  const start = await bytes.read(0, 8);
  if (start.length < 8) return refuse('is no safetensors file: it is shorter than its length field.');
  const length = Number(Buffer.from(start).readBigUInt64LE());
  if (length > MOST_HEADER_BYTES || length < 2)
    return refuse(`is no safetensors file: it claims a header of ${length} bytes.`);
  if (8 + length > bytes.size) return refuse('ends inside its header; it is cut off.');
  const header = parsed(Buffer.from(await bytes.read(8, length)).toString('utf8'));
  if (header === undefined) return refuse('has a header that is not JSON; it is damaged.');
  const tensors = new Map<string, FileTensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = entrySchema.safeParse(value);
    if (!entry.success) return refuse(`describes tensor ${shown(name)} in a way that is not understood.`);
    tensors.set(name, tensorOf(name, entry.data, 8 + length));
  }
  return tensors;

  function tensorOf(name: string, entry: z.infer<typeof entrySchema>, dataStart: number): FileTensor {
    const type = TYPES.find((known) => known === entry.dtype);
    if (type === undefined) {
      return refuse(
        `stores tensor ${shown(name)} as ${shown(entry.dtype)}; F32, F16 and BF16 can be converted.`,
      );
    }
    if (entry.shape.length < 1 || entry.shape.length > MOST_DIMENSIONS)
      return refuse(`gives tensor ${shown(name)} ${entry.shape.length} dimensions instead of one or two.`);
    const columns = entry.shape.at(-1)!;
    const rows = entry.shape.length === 1 ? 1 : entry.shape[0]!;
    const [from, to] = entry.data_offsets;
    const size = rows * bytesPerRow(type, columns);
    if (!Number.isSafeInteger(size) || size === 0 || to - from !== size)
      return refuse(`gives tensor ${shown(name)} ${to - from} bytes for a shape of ${rows} by ${columns}.`);
    if (dataStart + to > bytes.size)
      return refuse(`ends before tensor ${shown(name)} does; it is cut off or damaged.`);
    return { rows, columns, type, bytes, offset: dataStart + from };
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
