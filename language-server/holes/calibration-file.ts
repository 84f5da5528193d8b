/** What calibration found out, as it is kept: one file for a bundle, or for a workspace. */
import { z } from 'zod';

/** Raised when the meaning of a field changes; files of another version are not read. */
export const calibrationVersion = 1;

const share = z.number().min(0).max(1);
const openShare = z.number().gt(0).lt(1);

const promiseSchema = z.strictObject({
  /** The language id that editors use. */
  language: z.string().min(1),
  /** Names the grammar that drew the trees. */
  grammar: z.string().min(1),
  epsilon: openShare,
  delta: openShare,
  /** Most holes of a suggestion. */
  holes: z.int().min(1),
  /** Nats; or that no budget keeps this promise and keeps text. */
  budget: z.union([z.number().positive(), z.literal('not-attainable')]),
  /** Places it was computed on, and at how many of them this budget was wrong. */
  places: z.int().min(1),
  mistakes: z.int().min(0),
  /** Share of visible characters kept on those places. */
  kept: share,
});

const probeSchema = z.strictObject({
  language: z.string().min(1),
  before: z.string(),
  after: z.string(),
  /** Empty when nothing was offered. */
  text: z.string(),
});

const fileSchema = z.strictObject({
  version: z.literal(calibrationVersion),
  bundle: z.string().min(1),
  /** Names what else a suggestion depends on: settings and the program's own ways. */
  pipeline: z.string().min(1),
  /** Where the places came from, in words for the user. */
  computedOn: z.string().min(1),
  /** ISO 8601, the day. */
  date: z.iso.date(),
  promises: z.array(promiseSchema),
  /** What the pipeline offered at a few places of its own: other texts there mean another pipeline. */
  probes: z.array(probeSchema).optional(),
});

export type CalibratedPromise = z.infer<typeof promiseSchema>;
export type PipelineProbe = z.infer<typeof probeSchema>;
export type CalibrationFile = z.infer<typeof fileSchema>;

/** The file's contents, or a sentence about what is wrong with them. */
export function readCalibration(text: string): CalibrationFile | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'The calibration is not JSON.';
  }
  const read = fileSchema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return `The calibration is not as it was written: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}

export function writeCalibration(file: CalibrationFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What a promise is asked for. */
export interface Wanted {
  readonly bundle: string;
  readonly pipeline: string;
  readonly language: string;
  readonly grammar: string;
  readonly epsilon: number;
  readonly holes: number;
}

export type Found =
  | {
      readonly kind: 'promise';
      readonly budget: number;
      readonly promise: CalibratedPromise;
      /** Where the places came from, in words. */
      readonly computedOn: string;
    }
  /** A sentence for the user: nothing is promised then, and no holes are made. */
  | {
      readonly kind: 'none';
      readonly why: string;
      /** Whether this very promise was computed on these places and cannot be kept there. */
      readonly refuted: boolean;
    };

/** The budget that was calibrated for exactly this; never one for something like it. */
export function promiseFor(file: CalibrationFile, wanted: Wanted): Found {
  const { language, epsilon, holes } = wanted;
  if (file.bundle !== wanted.bundle)
    return none(
      `The calibration is for the model ${file.bundle}, not for ${wanted.bundle}: calibrate again.`,
    );
  if (file.pipeline !== wanted.pipeline)
    return none('Settings or program have changed since the calibration: calibrate again.');
  const promise = file.promises.find(
    (one) => one.language === language && one.epsilon === epsilon && one.holes === holes,
  );
  if (!promise) return none(`Nothing was calibrated for ${language} with ε = ${epsilon} and ${holes} holes.`);
  if (promise.grammar !== wanted.grammar)
    return none(`The grammar of ${language} has changed since the calibration: calibrate again.`);
  if (promise.budget === 'not-attainable') {
    const why = `ε = ${epsilon} is not attainable for ${language}: on ${promise.places} places no budget both kept this promise and left text to show.`;
    return { kind: 'none', why, refuted: true };
  }
  return { kind: 'promise', budget: promise.budget, promise, computedOn: file.computedOn };
}

function none(why: string): Found {
  return { kind: 'none', why, refuted: false };
}
