/** Writes a bundle folder: all files into a temporary folder first, which then takes the place of the old one. */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  BUNDLE_VERSION,
  parseBundle,
  sha256OfFile,
  type BundleDescription,
} from '../../language-server/inference/bundle.js';
import { createDataFile, type DataFile } from './data-file.js';
import { blockGraph } from './decoder-graph.js';
import { describeEmbedding, headGraph, writeEmbedding } from './embedding-table.js';
import { ConversionError, type ModelSource } from './model-source.js';
import { encodeOnnxModel } from './onnx-writer.js';
import { writeRotaryTables } from './rotary-tables.js';
import { tokenizerJson } from './tokenizer-json.js';
import type { WeightFormat } from './weight-formats.js';

export interface BundleOptions {
  readonly weights: WeightFormat;
  /** Layers after which the network may speak; the last is the number of layers. */
  readonly exits: readonly number[];
  /** Exits that the model was trained to speak at; full depth always counts as one. */
  readonly trainedExits?: readonly number[];
  readonly prompt: BundleDescription['prompt'];
  /** Called as the work goes on: steps done, steps in all, and the file at hand. */
  readonly onProgress?: (done: number, total: number, file: string) => void;
}

const EMBEDDING = 'embedding.bin';
const TOKENIZER = 'tokenizer.json';
const HEAD = 'head.onnx';

/** Writes the bundle of a model to `folder`. An earlier bundle there is replaced only when the new one is whole. */
export async function writeBundle(
  source: ModelSource,
  folder: string,
  options: BundleOptions,
): Promise<BundleDescription> {
  const { layers } = source.architecture;
  if (options.exits.at(-1) !== layers)
    throw new ConversionError(`The last exit must be layer ${layers}, the whole network.`);
  await refuseStrangers(folder);
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${basename(target)}-${process.pid}.tmp`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    const description = await writeFiles(source, temporary, options);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    return description;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeFiles(
  source: ModelSource,
  folder: string,
  options: BundleOptions,
): Promise<BundleDescription> {
  const { weights, exits } = options;
  const total = exits.length + 2;
  let done = 0;
  const step = (file: string): void => options.onProgress?.(done++, total, file);

  step(EMBEDDING);
  const table = await withDataFile(folder, EMBEDDING, async (data) => {
    const written = await writeEmbedding(source, weights === 'fp32' ? 32 : 8, data);
    await writeFile(join(folder, HEAD), encodeOnnxModel(await headGraph(source, written, data)));
    return written;
  });
  const rotary = await withDataFile(folder, 'rotary.bin', (data) =>
    writeRotaryTables(source.architecture, data),
  );
  const blocks: BundleDescription['blocks'] = [];
  for (const [index, endLayer] of exits.entries()) {
    const firstLayer = exits[index - 1] ?? 0;
    const file = `block-${index}.onnx`;
    step(file);
    const graph = await withDataFile(folder, `block-${index}.bin`, (data) =>
      blockGraph(source, firstLayer, endLayer, weights, { data, rotary }),
    );
    await writeFile(join(folder, file), encodeOnnxModel(graph));
    blocks.push({ file, firstLayer, endLayer });
  }
  step(TOKENIZER);
  await writeFile(join(folder, TOKENIZER), tokenizerJson(source.vocabulary));

  const description: BundleDescription = {
    format: 'candor-bundle',
    version: BUNDLE_VERSION,
    name: source.name,
    architecture: source.architecture,
    attention: 'two-part',
    weights,
    blocks,
    exits: exits.map((layer) => ({
      layer,
      trained:
        layer === source.architecture.layers ||
        ((options.trainedExits ?? source.trainedExits)?.includes(layer) ?? false),
    })),
    head: { file: HEAD },
    embedding: describeEmbedding(table, EMBEDDING),
    tokenizer: { file: TOKENIZER, endOfText: [...source.vocabulary.endOfText] },
    prompt: options.prompt,
    licence: source.licence,
    provenance: { ...source.provenance },
    files: await listFiles(folder),
  };
  const text = `${JSON.stringify(description, null, 2)}\n`;
  parseBundle(text, 'The new bundle.json');
  await writeFile(join(folder, 'bundle.json'), text);
  options.onProgress?.(total, total, 'bundle.json');
  return description;
}

async function withDataFile<T>(
  folder: string,
  file: string,
  write: (data: DataFile) => T | Promise<T>,
): Promise<T> {
  const data = createDataFile(folder, file);
  try {
    return await write(data);
  } finally {
    data.close();
  }
}

async function listFiles(folder: string): Promise<BundleDescription['files']> {
  const entries: BundleDescription['files'] = [];
  for (const file of (await readdir(folder)).sort()) {
    const path = join(folder, file);
    entries.push({ file, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) });
  }
  return entries;
}

/** An existing folder is replaced only if it holds a bundle, so that a wrong path costs nobody's files. */
async function refuseStrangers(folder: string): Promise<void> {
  const files = await readdir(folder).catch((): string[] => []);
  if (files.length > 0 && !files.includes('bundle.json')) {
    throw new ConversionError(`${folder} is not empty and holds no bundle; choose another folder.`);
  }
}
