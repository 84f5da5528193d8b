/** A bundle on disk: the shape of `bundle.json`, and how a bundle is read and checked. models/README.md documents it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The version of the format that this program reads and writes. */
export const BUNDLE_VERSION = 1;

const count = z.int().nonnegative();
const positive = z.int().positive();
const fileName = z.string().regex(/^[\w.-]+$/, 'a plain file name');

const architecture = z.strictObject({
  /** The family of decoders; the graphs follow its rules. */
  family: z.enum(['llama', 'qwen2', 'qwen3', 'starcoder2']),
  layers: positive,
  hidden: positive,
  heads: positive,
  keyValueHeads: positive,
  headSize: positive,
  feedForward: positive,
  vocabulary: positive,
  /** The longest sequence of tokens, and so the number of positions in the rotary tables. */
  context: positive,
  ropeBase: z.number().positive(),
  normEpsilon: z.number().positive(),
});

const block = z.strictObject({ file: fileName, firstLayer: count, endLayer: positive });

const exit = z.strictObject({
  /** Layers that have run when the network may speak here; equals a block's `endLayer`. */
  layer: positive,
  /** Whether the model was trained to speak at this depth. */
  trained: z.boolean(),
});

/** Graphs over the same weights that keep keys and values where they run: on a graphics card. */
const grouped = z.strictObject({
  /** What they compute in, and what their keys and values are. */
  precision: z.enum(['float32', 'float16']),
  /** One for each entry of `blocks`. */
  blocks: z.array(fileName).min(1),
  head: fileName,
  /** Moves rows of a cache. */
  rows: fileName,
});

const embedding = z.discriminatedUnion('bits', [
  z.strictObject({
    file: fileName,
    bits: z.literal(32),
    /** Where the rows begin: row-major little-endian float32, one row of `hidden` values a token. */
    rowsOffset: count,
  }),
  z.strictObject({
    file: fileName,
    bits: z.literal(8),
    /** Neighbouring values of a row that share a scale; divides `hidden`. */
    blockSize: positive,
    /** Where the codes begin: one byte a value, row-major. value = scale * (code - 128) + offset. */
    codesOffset: count,
    /** Where the scales begin: little-endian float16, row-major, `hidden / blockSize` a row. */
    scalesOffset: count,
    /** Where the offsets begin, stored as scales are; absent: there are none. */
    offsetsOffset: count.optional(),
  }),
]);

const controller = z.strictObject({
  /** float32, little-endian, [exits, outcomes, hidden + 1]: a linear head for each exit, its bias last. */
  file: fileName,
  /** Exits that have a head, in the order of the file. */
  exits: z.array(positive).min(1),
  /** What `exit` was learnt as: this exit's choice is what the author wrote, or what full depth would choose. */
  label: z.enum(['right', 'agreement']),
  /** Positions of code that it was fitted on. */
  positions: positive,
  /** From which chance of `exit` on a token leaves early by default; null: never, since that gains nothing. */
  exitAt: z.number().gt(0).lt(1).nullable(),
});

const marker = z.strictObject({ before: z.string(), after: z.string() });

const prompt = z.strictObject({
  version: z.literal(1),
  /** The token that every text begins with, when the model was trained so. */
  begin: z.string().min(1).optional(),
  /** Texts of the tokens around the text before, after and at the cursor, when the model was trained to fill in. */
  fillInTheMiddle: z
    .strictObject({
      prefix: z.string().min(1),
      suffix: z.string().min(1),
      middle: z.string().min(1),
      /** Which text stands first; by default the one after the cursor, so that the one before it ends the prompt. */
      order: z.enum(['suffix-first', 'prefix-first']).optional(),
    })
    .nullable(),
  /** What stands around a file's path, ahead of its text. Special tokens are written by their text. */
  path: marker,
  /** What stands around the path of a snippet from another file, ahead of the snippet's text. */
  snippet: marker,
});

const listedFile = z.strictObject({
  file: fileName,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const schema = z.strictObject({
  format: z.literal('candor-bundle'),
  version: z.literal(BUNDLE_VERSION),
  name: z.string().min(1),
  architecture,
  /** Which graphs the bundle holds: `two-part` keeps keys and values outside the graph. */
  attention: z.literal('two-part'),
  /** How the matrices of the blocks are stored; the list is in models/README.md. */
  weights: z.string().min(1),
  blocks: z.array(block).min(1),
  exits: z.array(exit).min(1),
  /** When to leave early and when to stop, by hidden states; optional. */
  controller: controller.optional(),
  /** Guesses tokens for the network to read ahead; optional. */
  drafter: z.strictObject({ file: fileName }).optional(),
  /** How sure one may be of what is written so far; optional. */
  stop: z.strictObject({ file: fileName }).optional(),
  head: z.strictObject({ file: fileName }),
  /** Absent in bundles that run on processors alone. */
  grouped: z.array(grouped).optional(),
  /** For each of `blocks` but the first, the graph that gives its layers keys and values where a token skips them. */
  propagation: z.array(fileName).min(1).optional(),
  embedding,
  tokenizer: z.strictObject({
    file: fileName,
    /** Ids after which a text is over. */
    endOfText: z.array(count).min(1),
  }),
  /** A table of n-grams over the same tokens, for superposed drafts; made by models/recipe/ngrams. */
  ngrams: z.strictObject({ file: fileName }).optional(),
  prompt,
  licence: z.string().min(1),
  /** Where the weights come from, in sentences for a reader. */
  provenance: z.record(z.string(), z.string()),
  /** What holes may promise with this model; see docs/holes.md. The model works without it. */
  calibration: listedFile.optional(),
  /** Every other file of the folder. */
  files: z.array(listedFile),
});

/** The contents of `bundle.json`. */
export type BundleDescription = z.infer<typeof schema>;
export type BundleArchitecture = BundleDescription['architecture'];
export type GroupedGraphs = NonNullable<BundleDescription['grouped']>[number];

/** A bundle whose files are known to be there. */
export interface Bundle extends BundleDescription {
  readonly folder: string;
}

/** A bundle that cannot be used; the message names the thing and the remedy. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/**
 * Reads and checks a bundle. Sizes of all files are compared always; their SHA-256 only with `verify`,
 * which reads every byte.
 * @throws BundleError when the folder or a file is missing, cut off, changed, or of another version.
 */
export async function readBundle(folder: string, options: { verify?: boolean } = {}): Promise<Bundle> {
  const description = parseBundle(await readDescription(folder), join(folder, 'bundle.json'));
  for (const entry of description.files) await checkFile(folder, entry, options.verify ?? false);
  return { ...description, folder };
}

/** Checks the text of a `bundle.json`, without looking at the files that it names. `from` is for messages. */
export function parseBundle(text: string, from: string): BundleDescription {
  const value = parseJson(text, from);
  const version = z.object({ format: z.literal('candor-bundle'), version: z.number() }).safeParse(value);
  if (!version.success) throw new BundleError(`${from} is not the description of a Candor bundle. ${REMEDY}`);
  if (version.data.version !== BUNDLE_VERSION) {
    throw new BundleError(
      `${from} has format version ${version.data.version}, but this Candor reads version ${BUNDLE_VERSION}. ` +
        'Convert the model again, or install the matching Candor.',
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BundleError(`${from} is invalid: ${firstIssue(parsed.error)}. ${REMEDY}`);
  const flaw = findFlaw(parsed.data);
  if (flaw !== undefined) throw new BundleError(`${from} is invalid: ${flaw}. ${REMEDY}`);
  return parsed.data;
}

const REMEDY = 'Convert the model again, or choose another bundle folder.';

async function readDescription(folder: string): Promise<string> {
  if (!(await exists(folder))) throw new BundleError(`The bundle folder ${folder} does not exist. ${REMEDY}`);
  try {
    return await readFile(join(folder, 'bundle.json'), 'utf8');
  } catch (error) {
    throw new BundleError(`The folder ${folder} holds no readable bundle.json. ${REMEDY}`, { cause: error });
  }
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BundleError(`${from} is not JSON; it may be cut off. ${REMEDY}`, { cause: error });
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  return `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
}

/** What the schema cannot say: that blocks, exits, sizes and files fit together. */
function findFlaw(bundle: BundleDescription): string | undefined {
  let layer = 0;
  for (const { file, firstLayer, endLayer } of bundle.blocks) {
    if (firstLayer !== layer || endLayer <= firstLayer)
      return `block ${file} does not begin at layer ${layer}`;
    layer = endLayer;
  }
  const { layers, heads, keyValueHeads, hidden, vocabulary } = bundle.architecture;
  if (layer !== layers) return `the blocks end at layer ${layer} of ${layers}`;
  const ends = bundle.blocks.map((block) => block.endLayer);
  const stray = bundle.exits.find((exit) => !ends.includes(exit.layer));
  if (stray !== undefined) return `exit ${stray.layer} is not the end of a block`;
  if (!bundle.exits.some((exit) => exit.layer === layers)) return 'no exit stands at full depth';
  if (heads % keyValueHeads !== 0) return `${heads} heads cannot share ${keyValueHeads} key/value heads`;
  const { embedding } = bundle;
  if (embedding.bits === 8 && hidden % embedding.blockSize !== 0)
    return 'the embedding block does not divide a row';
  if (bundle.tokenizer.endOfText.some((id) => id >= vocabulary))
    return 'an end-of-text id is not in the vocabulary';
  const strange = bundle.controller?.exits.find((at) => !bundle.exits.some((exit) => exit.layer === at));
  if (strange !== undefined) return `the controller speaks of exit ${strange}, which there is not`;
  if (bundle.grouped?.some(({ blocks }) => blocks.length !== bundle.blocks.length))
    return 'the graphs for graphics cards are not one for each block';
  if (bundle.propagation && bundle.propagation.length !== bundle.blocks.length - 1)
    return 'the graphs for propagation are not one for each block but the first';
  const listed = new Set(bundle.files.map((entry) => entry.file));
  const named = [
    ...bundle.blocks.map((block) => block.file),
    bundle.head.file,
    embedding.file,
    bundle.tokenizer.file,
    ...(bundle.ngrams ? [bundle.ngrams.file] : []),
    ...(bundle.controller ? [bundle.controller.file] : []),
    ...(bundle.drafter ? [bundle.drafter.file] : []),
    ...(bundle.stop ? [bundle.stop.file] : []),
    ...(bundle.grouped ?? []).flatMap(({ blocks, head, rows }) => [...blocks, head, rows]),
    ...(bundle.propagation ?? []),
  ];
  const missing = named.find((file) => !listed.has(file));
  return missing === undefined ? undefined : `${missing} has no size and hash`;
}

async function checkFile(
  folder: string,
  entry: BundleDescription['files'][number],
  verify: boolean,
): Promise<void> {
  const path = join(folder, entry.file);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size === undefined) throw new BundleError(`The bundle file ${path} is missing. ${REMEDY}`);
  if (size !== entry.bytes) {
    throw new BundleError(
      `The bundle file ${path} has ${size} bytes instead of ${entry.bytes}; it is cut off or changed. ${REMEDY}`,
    );
  }
  if (verify && (await sha256OfFile(path)) !== entry.sha256) {
    throw new BundleError(
      `The bundle file ${path} is not the one that bundle.json describes (SHA-256 differs). ${REMEDY}`,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The SHA-256 of a file as lower-case hexadecimal digits. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
