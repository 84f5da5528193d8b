/** Writes a bundle folder: all files into a hidden folder first, which then takes the place of the old one. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BUNDLE_VERSION,
  parseBundle,
  sha256OfFile,
  type BundleDescription,
} from '../../language-server/inference/bundle.js';
import { ConversionCancelled } from './cancelled.js';
import { addEncoded, reportOf } from './conversion-report.js';
import { createDataFile, type DataFile } from './data-file.js';
import { formatFor } from './choose-format.js';
import { refuseWithoutSpace } from './disk-space.js';
import {
  blockFiles,
  groupedFiles,
  headFiles,
  propagationFiles,
  writeBlockGraphs,
  writeHeadGraphs,
} from './device-graphs.js';
import { blockGraph } from './decoder-graph.js';
import { describeEmbedding, headGraph, writeEmbedding } from './embedding-table.js';
import type { Encoded } from './matrix-pieces.js';
import { isTied, valuesIn } from './model-matrices.js';
import { ConversionError, type ModelSource } from './model-source.js';
import { writeRotaryTables } from './rotary-tables.js';
import { tokenizerJson } from './tokenizer-json.js';
import { openUnfinished, type Unfinished } from './unfinished.js';
import type { WeightFormat } from './weight-formats.js';

export interface BundleOptions {
  readonly weights: WeightFormat;
  /** Layers after which the network may speak; the last is the number of layers. */
  readonly exits: readonly number[];
  /** Exits that the model was trained to speak at; full depth always counts as one. */
  readonly trainedExits?: readonly number[];
  readonly prompt: BundleDescription['prompt'];
  /** Whether `conversion.json`, what became of each tensor, is put beside the graphs. */
  readonly report?: boolean;
  /** Called as the work goes on: the share done, from 0 to 1, and the file at hand. */
  readonly onProgress?: (share: number, file: string) => void;
  /** Stops the conversion, which can go on later. */
  readonly signal?: AbortSignal;
  /** Names the state of the source's file; a conversion that was stopped goes on only if it is the same. */
  readonly fingerprint?: string;
}

const EMBEDDING = 'embedding.bin';
const TOKENIZER = 'tokenizer.json';
const [HEAD] = headFiles;
const HEAD_WEIGHTS = 'head.bin';
const ROTARY = 'rotary.bin';

/**
 * Writes the bundle of a model to `folder`. An earlier bundle there is replaced only when the new one is whole.
 * When it is stopped by its signal, what is finished stays in a hidden folder, and the same call goes on from there;
 * when it fails, nothing is left.
 * @throws ConversionError, ConversionCancelled
 */
export async function writeBundle(
  source: ModelSource,
  folder: string,
  options: BundleOptions,
): Promise<BundleDescription> {
  const { layers } = source.architecture;
  if (options.exits.at(-1) !== layers)
    throw new ConversionError(`The last exit must be layer ${layers}, the whole network.`);
  await refuseStrangers(folder);
  const weights = formatFor(source, options.weights);
  const { exits, prompt, fingerprint = '' } = options;
  const unfinished = await openUnfinished(
    folder,
    JSON.stringify([BUNDLE_VERSION, source.name, source.architecture, weights, exits, prompt, fingerprint]),
  );
  try {
    await refuseWithoutSpace(source, unfinished.folder, weights);
    const description = await writeFiles(source, unfinished, { ...options, weights });
    await unfinished.finish();
    return description;
  } catch (error) {
    if (!(error instanceof ConversionCancelled && options.fingerprint !== undefined))
      await unfinished.discard();
    throw inWords(error, folder);
  }
}

async function writeFiles(
  source: ModelSource,
  unfinished: Unfinished,
  options: BundleOptions,
): Promise<BundleDescription> {
  const { weights, exits } = options;
  const { folder, sums } = unfinished;
  const total = valuesIn(source);
  let file = EMBEDDING;
  const listener = (encoded: Encoded): void => {
    if (options.signal?.aborted) throw new ConversionCancelled();
    addEncoded(sums, encoded);
    const done = Object.values(sums).reduce((sum, { values }) => sum + values, 0);
    options.onProgress?.(Math.min(done / total, 1), file);
  };

  const tied = isTied(source);
  const table = await unfinished.step(EMBEDDING, [EMBEDDING, ...(tied ? headFiles : [])], () =>
    withDataFile(folder, EMBEDDING, async (data) => {
      const written = await writeEmbedding(source, weights === 'fp32' ? 32 : 8, data, listener);
      if (tied) await writeHead(written, data);
      return written;
    }),
  );
  file = HEAD;
  if (!tied) {
    await unfinished.step(HEAD, [...headFiles, HEAD_WEIGHTS], () =>
      withDataFile(folder, HEAD_WEIGHTS, (data) => writeHead(table, data)),
    );
  }
  const rotary = await unfinished.step(ROTARY, [ROTARY], () =>
    withDataFile(folder, ROTARY, (data) => writeRotaryTables(source.architecture, source.rotary, data)),
  );
  const blocks: BundleDescription['blocks'] = [];
  for (const [index, endLayer] of exits.entries()) {
    const firstLayer = exits[index - 1] ?? 0;
    const files = blockFiles(index);
    const [graphFile] = files;
    const weightsFile = `block-${index}.bin`;
    file = graphFile;
    await unfinished.step(graphFile, [...files, ...propagationFiles(index), weightsFile], async () => {
      const graph = await withDataFile(folder, weightsFile, (data) =>
        blockGraph(source, firstLayer, endLayer, weights, { data, rotary }, listener),
      );
      await writeBlockGraphs(folder, index, source.architecture, { graph, firstLayer, endLayer });
    });
    blocks.push({ file: graphFile, firstLayer, endLayer });
  }
  await writeFile(join(folder, TOKENIZER), tokenizerJson(source.vocabulary));
  if (options.report === true)
    await writeFile(join(folder, 'conversion.json'), `${JSON.stringify(reportOf(sums), null, 1)}\n`);

  options.onProgress?.(1, 'bundle.json');
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
    grouped: groupedFiles(blocks.length),
    ...(blocks.length > 1 && { propagation: blocks.flatMap((_, index) => propagationFiles(index)) }),
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
  return description;

  async function writeHead(written: typeof table, data: DataFile): Promise<void> {
    const graph = await headGraph(source, written, data, weights, listener);
    await writeHeadGraphs(folder, source.architecture, graph);
  }
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
  const files = (await readdir(folder)).filter((file) => !file.startsWith('unfinished.json'));
  for (const file of files.sort()) {
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

function inWords(error: unknown, folder: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOSPC') {
    return new ConversionError(
      `The disk of ${folder} is full. What was written has been removed; make room and start again.`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ConversionError(`${folder} cannot be written: ${(error as Error).message}.`, { cause: error });
  return error;
}
