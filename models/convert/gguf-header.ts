/**
 * Reads the header of a GGUF file: metadata and the list of tensors, by `@huggingface/gguf`, behind checks that keep a
 * hostile or damaged file from costing more memory than it has bytes.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { GGMLQuantizationType, gguf, type GGUFParseOutput } from '@huggingface/gguf';
import { ConversionError, TENSOR_TYPES, type TensorShape } from './model-source.js';
import { shown } from './shown.js';
import { bytesPerRow } from './tensor-types.js';

/** Any random access to bytes, so that tests need no files. */
export interface ByteSource {
  readonly size: number;
  /** Reads at most `length` bytes from `offset` on; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface GgufHeader {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** A tensor of the file, whose bytes are known to lie inside it. */
export interface GgufTensor extends TensorShape {
  readonly offset: number;
}

/** What no model of ours comes near; a header that claims more is damaged or hostile. */
const MOST_TENSORS = 100_000;
const MOST_ENTRIES = 10_000;
/** A tensor's name, dimensions, type and offset, and a metadata entry, take at least so many bytes. */
const LEAST_TENSOR_BYTES = 24;
const LEAST_ENTRY_BYTES = 13;
const MAGIC_BYTES = 24;
const MOST_DIMENSIONS = 2;
const MOST_ROWS = 2 ** 31;

/** @throws ConversionError naming what is wrong with the file. */
export async function readGgufHeader(bytes: ByteSource): Promise<GgufHeader> {
  await checkStart(bytes);
  const parsed = await parse(bytes);
  const metadata = parsed.metadata as unknown as Readonly<Record<string, unknown>>;
  const alignment = Number(metadata['general.alignment'] ?? 32);
  if (!Number.isInteger(Math.log2(alignment)) || alignment > 65_536)
    throw new ConversionError(
      `The GGUF file aligns tensors to ${alignment} bytes, which is no power of two.`,
    );
  const start = Number(parsed.tensorDataOffset);
  if (start > bytes.size && parsed.tensorInfos.length > 0)
    throw new ConversionError('The GGUF file ends inside its header; it is cut off.');
  const tensors = new Map<string, GgufTensor>();
  for (const info of parsed.tensorInfos) {
    if (tensors.has(info.name))
      throw new ConversionError(`The GGUF file has two tensors named ${shown(info.name)}.`);
    tensors.set(info.name, tensorOf(info, start, bytes.size));
  }
  return { metadata, tensors };
}

/** Opens a file for reading ranges. The caller closes it. */
export async function openBytes(path: string): Promise<ByteSource & { readonly file: FileHandle }> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new ConversionError(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  });
  const { size } = await file.stat();
  return {
    file,
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let at = 0;
      while (at < bytes.length) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, offset + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    },
  };
}

/** Magic, version and the two counts, before anything is allocated for them. */
async function checkStart(bytes: ByteSource): Promise<void> {
  const start = await bytes.read(0, MAGIC_BYTES);
  if (Buffer.from(start.subarray(0, 4)).toString('latin1') !== 'GGUF')
    throw new ConversionError('This is no GGUF file: it does not begin with "GGUF".');
  if (start.length < MAGIC_BYTES)
    throw new ConversionError('The GGUF file ends inside its header; it is cut off.');
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = view.getUint32(4, true);
  if (version !== 2 && version !== 3) {
    throw new ConversionError(
      `The GGUF file has version ${version}; versions 2 and 3, little-endian, can be read.`,
    );
  }
  const tensors = view.getBigUint64(8, true);
  const entries = view.getBigUint64(16, true);
  if (tensors > MOST_TENSORS || entries > MOST_ENTRIES) {
    throw new ConversionError(
      `The GGUF file claims ${tensors} tensors and ${entries} metadata entries; at most ${MOST_TENSORS} and ${MOST_ENTRIES} can be read.`,
    );
  }
  if (Number(tensors) * LEAST_TENSOR_BYTES + Number(entries) * LEAST_ENTRY_BYTES > bytes.size) {
    throw new ConversionError(
      `The GGUF file claims ${tensors} tensors and ${entries} metadata entries, for which it is too short; it is cut off.`,
    );
  }
}

/** The library reads ranges through `fetch`; ours serves them from the file and refuses to go past its end. */
async function parse(bytes: ByteSource): Promise<GGUFParseOutput> {
  const fetchRange = async (_: unknown, request?: RequestInit): Promise<Response> => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(request?.headers).get('range') ?? '')!;
    const offset = Number(range[1]);
    if (offset >= bytes.size)
      throw new ConversionError('The GGUF file ends inside its header; it is cut off.');
    const piece = await bytes.read(offset, Number(range[2]) - offset + 1);
    return { headers: new Headers(), arrayBuffer: () => Promise.resolve(piece) } as unknown as Response;
  };
  try {
    return await gguf('https://file.invalid/', { fetch: fetchRange });
  } catch (error) {
    if (error instanceof ConversionError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ConversionError(`The header of the GGUF file is damaged: ${shown(why)}`, { cause: error });
  }
}

function tensorOf(info: GGUFParseOutput['tensorInfos'][number], start: number, size: number): GgufTensor {
  const name = shown(info.name);
  const typeName =
    (GGMLQuantizationType as Partial<Record<number, string>>)[info.dtype] ?? `number ${info.dtype}`;
  const type = TENSOR_TYPES.find((known) => known === typeName);
  if (type === undefined) {
    throw new ConversionError(
      `Tensor ${name} has the type ${typeName}, which the converter does not read; it reads ${TENSOR_TYPES.join(', ')}.`,
    );
  }
  if (info.shape.length < 1 || info.shape.length > MOST_DIMENSIONS)
    throw new ConversionError(`Tensor ${name} has ${info.shape.length} dimensions instead of one or two.`);
  const columns = Number(info.shape[0]);
  const rows = Number(info.shape[1] ?? 1n);
  if (!(0 < columns && columns < MOST_ROWS && 0 < rows && rows < MOST_ROWS))
    throw new ConversionError(`Tensor ${name} claims a shape of ${rows} by ${columns}.`);
  const offset = start + Number(info.offset);
  const end = offset + rows * bytesPerRow(type, columns);
  if (!Number.isSafeInteger(end) || end > size) {
    throw new ConversionError(
      `Tensor ${name} lies beyond the end of the GGUF file; the file is cut off or damaged.`,
    );
  }
  return { rows, columns, type, offset };
}
