/** Keeps what was learned from use on disk, one file a workspace: counts and budgets, no text and no names of files. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Raised when the meaning of a field changes; files of another version are not read. */
const version = 1;

const count = z.int().min(0);

const entrySchema = z.strictObject({
  bundle: z.string().min(1),
  pipeline: z.string().min(1),
  language: z.string().min(1),
  grammar: z.string().min(1),
  epsilon: z.number().gt(0).lt(1),
  holes: z.int().min(1),
  /** The calibrated budget that use began with, in nats. */
  calibrated: z.number().positive(),
  logBudget: z.number(),
  /** The last places, oldest first: 1 where what was shown as sure did not stay. */
  recent: z.string().regex(/^[01]*$/),
  judged: count,
  missed: count,
  /** What the places came to: accepted and kept, changed afterwards, not accepted and not so written, nothing shown. */
  kept: count,
  changed: count,
  rejected: count,
  silent: count,
});

const fileSchema = z.strictObject({ version: z.literal(version), learned: z.array(entrySchema) });

export type LearnedEntry = z.infer<typeof entrySchema>;

export type LoadedLearning =
  | { readonly kind: 'learned'; readonly learned: readonly LearnedEntry[] }
  /** It was moved to `movedTo`, and learning begins anew. */
  | { readonly kind: 'damaged'; readonly movedTo: string };

export async function loadLearning(file: string): Promise<LoadedLearning> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { kind: 'learned', learned: [] };
  const read = fileSchema.safeParse(parsed(text));
  if (read.success) return { kind: 'learned', learned: read.data.learned };
  const movedTo = `${file}.damaged-${Date.now()}`;
  await rename(file, movedTo);
  return { kind: 'damaged', movedTo };
}

/** Written beside the file and moved over it: a crash leaves the old one whole. */
export async function saveLearning(file: string, learned: readonly LearnedEntry[]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify({ version, learned }, null, 2)}\n`);
  await rename(beside, file);
}

export async function forgetLearning(file: string): Promise<void> {
  await rm(file, { force: true });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
