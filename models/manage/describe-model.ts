/** A model in words: for the terminal, and for the editor's list. */
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import type { ConversionReport } from '../convert/conversion-report.js';
import { FILL_IN_THE_MIDDLE } from '../convert/markup.js';
import type { Speeds } from './measure-speed.js';
import type { StoredModel } from './model-store.js';

/** What is shown of a model; plain data. */
export interface ModelInWords {
  readonly name: string;
  readonly folder: string;
  readonly isShipped: boolean;
  readonly title: string;
  readonly bytes: number;
  readonly format: string;
  readonly licence: string;
  /** Whether early exit may be used: some exit before full depth was trained for. */
  readonly trainedExits: boolean;
  readonly fillInTheMiddle: string;
  /** Milliseconds a token on this machine, if that has been measured. */
  readonly millisecondsPerToken?: number;
  /** Size, format, licence and the rest in one line. */
  readonly details: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

export function describeModel(model: StoredModel, speeds: Speeds): ModelInWords {
  const { name, folder, isShipped, bundle } = model;
  if (typeof bundle === 'string') {
    const nothing = { bytes: 0, format: '', licence: '', trainedExits: false, fillInTheMiddle: '' };
    return { name, folder, isShipped, title: name, ...nothing, details: '', problem: bundle };
  }
  const bytes = bundle.files.reduce((sum, file) => sum + file.bytes, 0);
  const { layers } = bundle.architecture;
  const trainedExits = bundle.exits.some(({ layer, trained }) => trained && layer < layers);
  const fillInTheMiddle = describePrompt(bundle.prompt);
  const speed = speeds[folder];
  const details = [
    megabytes(bytes),
    `weights ${bundle.weights}`,
    speed === undefined ? 'speed not measured' : `${speed} ms a token here`,
    bundle.licence,
    trainedExits ? 'trained exits' : untrainedExits(bundle),
    fillInTheMiddle,
  ].join(', ');
  const { weights: format, licence, name: title } = bundle;
  const measured = speed !== undefined && { millisecondsPerToken: speed };
  const known = { name, folder, isShipped, title, bytes, format, licence, trainedExits, fillInTheMiddle };
  return { ...known, ...measured, details };
}

/** Early exit is off for these until a calibration has found that it changes next to nothing. */
function untrainedExits({ controller }: BundleDescription): string {
  if (!controller) return 'untrained exits (early exit off)';
  const found = controller.exitAt === null ? 'off: it gains nothing' : 'on, calibrated';
  return `untrained exits (early exit ${found})`;
}

export function describePrompt({ fillInTheMiddle: fill }: BundleDescription['prompt']): string {
  if (!fill) return 'writes on only (no fill-in tokens)';
  const { prefix, suffix, middle } = fill;
  const family = FILL_IN_THE_MIDDLE.find((known) => known.prefix === prefix)?.family;
  return `fills in with ${prefix} ${suffix} ${middle}${family === undefined ? '' : ` (as ${family})`}`;
}

export function lossText({ exactTensors, requantisedTensors, loss, tensors }: ConversionReport): string {
  const carried = `${exactTensors} tensors carried over exactly`;
  if (requantisedTensors === 0) return `${carried}; nothing was rounded anew.`;
  const worst = tensors.reduce((most, one) => (one.loss > most.loss ? one : most));
  return (
    `${carried}, ${requantisedTensors} rounded anew: off by ${percent(loss)} of their size (root mean square), ` +
    `at most ${percent(worst.loss)} (${worst.tensor}, ${worst.type}); conversion.json lists them all.`
  );
}

/** Where floats were kept without being asked for: what else could be had. Else nothing. */
export function floatsText({ weights }: Pick<BundleDescription, 'weights'>, asked?: string): string {
  if (asked !== undefined || weights !== 'fp32') return '';
  return ' Its floats stay floats: `candor models add --weights q8-b32` makes a smaller and faster model, off by half a per cent.';
}

export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
