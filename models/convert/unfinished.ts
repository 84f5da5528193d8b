/** A conversion under way: a hidden folder beside the bundle's place, and what of it is finished, for going on later. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { TensorSums } from './conversion-report.js';

const STATE = 'unfinished.json';
const stateSchema = z.object({
  /** Names source and options: only the same conversion goes on. */
  fingerprint: z.string(),
  /** Finished steps by name: what they found, and the sizes of their files. */
  steps: z.record(
    z.string(),
    z.object({ result: z.unknown().optional(), files: z.record(z.string(), z.number()) }),
  ),
  sums: z.record(
    z.string(),
    z.object({
      type: z.string(),
      values: z.number(),
      exact: z.boolean(),
      squares: z.number(),
      squaredErrors: z.number(),
    }),
  ),
});

export interface Unfinished {
  readonly folder: string;
  /** Sums over the tensors of finished steps; the running step adds to them. */
  readonly sums: Record<string, TensorSums>;
  /** Does a step that writes `files`, or returns what it found in an earlier run. Results are plain data. */
  step<T>(name: string, files: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Puts the folder in the bundle's place. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** The hidden folder in which the bundle at `target` is being made. */
export function unfinishedFolder(target: string): string {
  const whole = resolve(target);
  return join(dirname(whole), `.${basename(whole)}.unfinished`);
}

/** Begins a conversion, or goes on with an earlier one of the same fingerprint. */
export async function openUnfinished(target: string, fingerprint: string): Promise<Unfinished> {
  const folder = unfinishedFolder(target);
  let state = await readState(folder);
  if (state?.fingerprint !== fingerprint || !(await isWhole(folder, state))) {
    await rm(folder, { recursive: true, force: true });
    state = { fingerprint, steps: {}, sums: {} };
  }
  await mkdir(folder, { recursive: true });
  const { steps } = state;
  const sums: Record<string, TensorSums> = state.sums;
  const save = async (): Promise<void> => {
    const text = JSON.stringify({ fingerprint, steps, sums });
    await writeFile(join(folder, `${STATE}.new`), text);
    await rename(join(folder, `${STATE}.new`), join(folder, STATE));
  };
  return {
    folder,
    sums,
    async step<T>(name: string, files: readonly string[], work: () => Promise<T>): Promise<T> {
      const known = steps[name];
      if (known) return known.result as T;
      const result = await work();
      const sizes: Record<string, number> = {};
      for (const file of files) sizes[file] = (await stat(join(folder, file))).size;
      steps[name] = { result, files: sizes };
      await save();
      return result;
    },
    async finish() {
      await rm(join(folder, STATE), { force: true });
      await rm(target, { recursive: true, force: true });
      await rename(folder, resolve(target));
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readState(folder: string): Promise<z.infer<typeof stateSchema> | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(join(folder, STATE), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether the files of finished steps are as long as they were; a machine may have gone down in between. */
async function isWhole(folder: string, { steps }: z.infer<typeof stateSchema>): Promise<boolean> {
  for (const { files } of Object.values(steps)) {
    for (const [file, size] of Object.entries(files)) {
      const found = await stat(join(folder, file)).catch(() => undefined);
      if (found?.size !== size) return false;
    }
  }
  return true;
}
