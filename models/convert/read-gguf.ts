/** A GGUF file as a model source: checks it before anything is converted, and reads rows of tensors when asked. */
import { basename } from 'node:path';
import { dequantise } from './dequantise.js';
import { checkTensors } from './families.js';
import { architectureOf, licenceOf, numbers, rotaryOf, text, type Metadata } from './gguf-metadata.js';
import { openBytes, readGgufHeader, type ByteSource, type GgufHeader } from './gguf-header.js';
import { vocabularyOf } from './gguf-vocabulary.js';
import { ConversionError, type ModelSource, type SourceTensor } from './model-source.js';
import { pairHalvesApart } from './rotary-rows.js';
import { bytesPerRow } from './tensor-types.js';

/** A GGUF file held open; dispose it when the conversion is over. */
export interface GgufSource extends ModelSource, AsyncDisposable {}

export interface Overrides {
  readonly name?: string;
  readonly licence?: string;
  readonly provenance?: Readonly<Record<string, string>>;
}

/**
 * Opens a GGUF file.
 * @throws ConversionError for a file that is damaged, and for an architecture, tokenizer or tensor type that the
 * converter does not know.
 */
export async function openGguf(path: string, overrides: Overrides = {}): Promise<GgufSource> {
  const bytes = await openBytes(path);
  try {
    const source = await ggufSource(bytes, await readGgufHeader(bytes), basename(path), overrides);
    return { ...source, [Symbol.asyncDispose]: () => bytes.file.close() };
  } catch (error) {
    await bytes.file.close();
    throw error;
  }
}

/** The model in a GGUF file whose header has been read. */
export async function ggufSource(
  bytes: ByteSource,
  { metadata, tensors }: GgufHeader,
  file: string,
  overrides: Overrides = {},
): Promise<ModelSource> {
  refuseParts(metadata);
  // The family comes first: of a model that cannot be converted, nothing else is worth a message.
  architectureOf(metadata, 1);
  const vocabulary = vocabularyOf(metadata);
  const architecture = architectureOf(metadata, vocabulary.tokens.length);
  checkTensors(architecture, tensors);
  const read = async (name: string, first = 0, end?: number): Promise<SourceTensor> => {
    const info = tensors.get(name);
    if (info === undefined) throw new ConversionError(`The GGUF file has no tensor ${name}.`);
    const { type, columns, rows, offset } = info;
    const last = end ?? rows;
    const size = bytesPerRow(type, columns);
    const piece = await bytes.read(offset + first * size, (last - first) * size);
    if (piece.length !== (last - first) * size)
      throw new ConversionError(`The GGUF file ends inside tensor ${name}; it is cut off.`);
    return { rows: last - first, columns, type, bytes: piece };
  };
  const factors = tensors.has('rope_freqs.weight') ? dequantise(await read('rope_freqs.weight')) : undefined;
  const rotary = rotaryOf(metadata, architecture, factors);
  return {
    name: overrides.name ?? text(metadata, 'general.name')?.slice(0, 200) ?? 'unnamed',
    architecture,
    vocabulary,
    licence: overrides.licence ?? licenceOf(metadata),
    provenance: { file, ...overrides.provenance },
    trainedExits: numbers(metadata, 'candor.trained_exits') ?? [],
    ...(rotary && { rotary }),
    shape: (name) => tensors.get(name),
    tensor: async (name, first, end) => {
      const tensor = await read(name, first, end);
      // llama.cpp rotates neighbours in this family, so GGUF interleaves the two halves of each query and key head.
      return architecture.family === 'llama' && /\.attn_[qk]\.(weight|bias)$/.test(name)
        ? pairHalvesApart(tensor, architecture.headSize)
        : tensor;
    },
  };
}

/** One model in several files; they can be put together by llama.cpp's own tool. */
function refuseParts(metadata: Metadata): void {
  const parts = metadata['split.count'];
  if (typeof parts === 'number' && parts > 1) {
    throw new ConversionError(
      `This is one of ${parts} parts of a GGUF file; join them first, with \`llama-gguf-split --merge\`.`,
    );
  }
}
