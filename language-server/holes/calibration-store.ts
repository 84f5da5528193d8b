/** Keeps calibrations and the places they are made of on disk, through crashes and damage. */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { budgets, type Outcome } from './calibrate.js';
import { readCalibration, writeCalibration, type CalibrationFile } from './calibration-file.js';

export type Loaded =
  | { readonly kind: 'file'; readonly file: CalibrationFile }
  | { readonly kind: 'absent' }
  /** It was moved to `movedTo`, if anywhere, so that the next calibration does not meet it. */
  | { readonly kind: 'damaged'; readonly why: string; readonly movedTo: string | undefined };

/** Reads a calibration; one that cannot be read is set aside, never deleted and never half believed. */
export async function loadCalibration(file: string): Promise<Loaded> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { kind: 'absent' };
  const read = readCalibration(text);
  if (typeof read !== 'string') return { kind: 'file', file: read };
  const movedTo = `${file}.damaged-${Date.now()}`;
  await rename(file, movedTo);
  return { kind: 'damaged', why: read, movedTo };
}

/**
 * Reads the calibration that came with a model, which is nobody's to move or mend. One that is missing, or is not the
 * file that the bundle describes, is `damaged`.
 */
export async function loadShipped({ path: file, sha256 }: { path: string; sha256: string }): Promise<Loaded> {
  const bytes = await readFile(file).catch(() => undefined);
  const damaged = (why: string): Loaded => ({ kind: 'damaged', why, movedTo: undefined });
  if (bytes === undefined) return damaged(`The calibration that came with the model is missing: ${file}.`);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    return damaged(
      `The calibration that came with the model is not the one that bundle.json describes: ${file}.`,
    );
  const read = readCalibration(bytes.toString());
  return typeof read === 'string' ? damaged(read) : { kind: 'file', file: read };
}

/** Written beside the file and moved over it: a crash leaves the old one whole. */
export async function saveCalibration(file: string, calibration: CalibrationFile): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, writeCalibration(calibration));
  await rename(beside, file);
}

/** One calibration place that has been judged; `holes` is the most holes it was judged with. */
export interface JudgedPlace {
  readonly id: string;
  readonly language: string;
  readonly group: string;
  readonly holes: number;
  readonly outcome: Outcome;
}

const row = z.array(z.number()).length(budgets.length);
const placeSchema = z.strictObject({
  id: z.string(),
  language: z.string(),
  group: z.string(),
  holes: z.int().min(1),
  outcome: z.strictObject({ wrong: z.array(z.boolean()).length(budgets.length), kept: row, ink: z.number() }),
});

/** Adds a place to those judged so far, one line of JSON each. */
export async function keepPlace(file: string, place: JudgedPlace): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, `\n${JSON.stringify(place)}`);
}

/** What an interrupted calibration had judged. A line that a crash cut off is left out, and judged again. */
export async function keptPlaces(file: string): Promise<readonly JudgedPlace[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const place = placeSchema.safeParse(parsed(line));
    return place.success ? [place.data] : [];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
