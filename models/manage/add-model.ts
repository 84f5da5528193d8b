/** Adds a model to the user's own: converts it into a bundle in their folder. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import { readReport, type ConversionReport } from '../convert/conversion-report.js';
import { ConversionError, type ModelSource } from '../convert/model-source.js';
import { promptOf } from '../convert/prompt-format.js';
import type { WeightFormat } from '../convert/weight-formats.js';
import { writeBundle } from '../convert/write-bundle.js';
import { download } from './download.js';
import { folderName, listModels, ModelStoreError } from './model-store.js';
import { fingerprintOf, openSource } from './open-source.js';

export interface AddModel {
  /** A GGUF file, the folder of a checkpoint, or the address of a GGUF file, which is fetched. */
  readonly from: string;
  /** For addresses: what the file must be, and how it is fetched. */
  readonly sha256?: string;
  readonly mirror?: string;
  readonly proxy?: string;
  /** The folder of the user's models. */
  readonly store: string;
  /** The model's name; else the one that its file has. */
  readonly name?: string;
  readonly licence?: string;
  readonly provenance?: Readonly<Record<string, string>>;
  readonly weights?: WeightFormat;
  /** Tokens to fill in with, ahead of prefix, suffix and middle; null: none. Else those that are recognised. */
  readonly fillInTheMiddle?: readonly [string, string, string] | null;
  readonly onProgress?: (share: number, what: string) => void;
  readonly signal?: AbortSignal;
}

export interface AddedModel {
  readonly name: string;
  readonly folder: string;
  readonly bundle: BundleDescription;
  readonly report: ConversionReport;
}

/**
 * Converts a model into the user's folder. Stopped by its signal, it goes on with the next call.
 * @throws ConversionError, ConversionCancelled, ModelStoreError
 */
export async function addModel(request: AddModel): Promise<AddedModel> {
  await mkdir(request.store, { recursive: true });
  if (!/^[a-z]+:\/\//i.test(request.from)) return convert(request);
  const { file, url, sha256 } = await download({
    ...request,
    url: request.from,
    folder: path.join(request.store, DOWNLOADS),
    onProgress: (share) => request.onProgress?.(share, 'download'),
  });
  const fileName = path.posix.basename(new URL(url).pathname);
  const added = await convert({
    ...request,
    from: file,
    provenance: { file: fileName, url, sha256, ...request.provenance },
  });
  // Kept while the conversion may have to go on; of no use afterwards.
  await rm(file, { force: true });
  return added;
}

/** A hidden folder in that of the models: what has been fetched and not yet been converted. */
const DOWNLOADS = '.downloads';

async function convert(request: AddModel): Promise<AddedModel> {
  const { from, store } = request;
  await using source = await openSource(from, {
    ...(request.name !== undefined && { name: request.name }),
    ...(request.licence !== undefined && { licence: request.licence }),
    ...(request.provenance && { provenance: request.provenance }),
  });
  const name = folderName(request.name ?? nameOf(source, source.provenance.file ?? from));
  const folder = path.join(store, name);
  await refuseOtherModel(name, source, store);
  const prompt = promptWith(source, request.fillInTheMiddle);
  const bundle = await writeBundle(source, folder, {
    weights: request.weights ?? 'kept',
    exits: evenParts(source.architecture.layers),
    prompt,
    report: true,
    fingerprint: await fingerprintOf(from),
    ...(request.onProgress && { onProgress: request.onProgress }),
    ...(request.signal && { signal: request.signal }),
  });
  const report = readReport(await readFile(path.join(folder, 'conversion.json'), 'utf8'));
  return { name, folder, bundle, report };
}

/** Five blocks: exits cost a few per cent, and give cancelling within a token. */
function evenParts(layers: number): readonly number[] {
  return [...new Set([1, 2, 3, 4, 5].map((part) => Math.round((part * layers) / 5)))].filter(Boolean);
}

function nameOf(source: ModelSource, from: string): string {
  return source.name === 'unnamed' ? path.basename(from).replace(/\.gguf$/i, '') : source.name;
}

/** The same model may be added anew; another one may not take its place unseen. */
async function refuseOtherModel(name: string, source: ModelSource, store: string): Promise<void> {
  const found = (await listModels(store, store)).find((model) => !model.isShipped && model.name === name);
  if (found === undefined || typeof found.bundle === 'string') return;
  if (found.bundle.provenance.file === source.provenance.file) return;
  throw new ModelStoreError(
    `There is a model ${name} already, from ${found.bundle.provenance.file ?? 'elsewhere'}; give this one another name, or remove that one.`,
  );
}

function promptWith(source: ModelSource, asked: AddModel['fillInTheMiddle']): BundleDescription['prompt'] {
  const prompt = promptOf(source.vocabulary);
  if (asked === undefined) return prompt;
  if (asked === null) return { ...prompt, fillInTheMiddle: null };
  checkMarkup(source, asked);
  const [prefix, suffix, middle] = asked;
  return { ...prompt, fillInTheMiddle: { prefix, suffix, middle, order: 'prefix-first' } };
}

function checkMarkup({ vocabulary: { tokens, controlTokens } }: ModelSource, asked: readonly string[]): void {
  const control = controlTokens.map((id) => tokens[id]!);
  const strange = asked.find((text) => !control.includes(text));
  if (strange === undefined) return;
  throw new ConversionError(
    `The vocabulary has no markup token ${JSON.stringify(strange)}; it has ${control.slice(0, 40).join(' ')}.`,
  );
}
