/** What was asked for after `candor models`. */
import { parseArgs } from 'node:util';
import { isWeightFormat, WEIGHT_FORMATS, type WeightFormat } from '../models/convert/weight-formats.js';
import { WrongArguments } from './wrong-arguments.js';

export type ModelsCommand =
  | { readonly kind: 'models-list'; readonly json: boolean; readonly measure: boolean }
  | { readonly kind: 'models-remove'; readonly name: string }
  | { readonly kind: 'models-prompt'; readonly name: string; readonly fillInTheMiddle: FillTokens }
  | {
      readonly kind: 'models-calibrate';
      readonly name: string;
      readonly folder: string;
      /** Most places that are asked about, as it was written. */
      readonly places?: string;
    }
  | { readonly kind: 'models-add'; readonly from: string; readonly options: AddOptions };

/** Tokens ahead of prefix, suffix and middle; null: the model does not fill in. */
export type FillTokens = readonly [string, string, string] | null;

export interface AddOptions {
  readonly json: boolean;
  readonly name?: string;
  readonly licence?: string;
  readonly weights?: WeightFormat;
  readonly fillInTheMiddle?: FillTokens;
  /** The SHA-256 that a download must have. */
  readonly sha256?: string;
  /** Where to fetch from instead of huggingface.co. */
  readonly mirror?: string;
}

const flags = {
  json: { type: 'boolean' },
  measure: { type: 'boolean' },
  places: { type: 'string' },
  name: { type: 'string' },
  licence: { type: 'string' },
  weights: { type: 'string' },
  fim: { type: 'string' },
  sha256: { type: 'string' },
  mirror: { type: 'string' },
} as const;

export const modelsUsage = `
  candor models list                 the models on this machine: size, format, speed, licence
  candor models add FILE|DIR|URL     converts a GGUF file or a checkpoint into a model of yours
  candor models remove NAME          removes a model of yours; the one that ships stays
  candor models prompt NAME --fim …  corrects the tokens by which a model fills in
  candor models calibrate NAME DIR   early exit of a model of yours, then as calibrate, for that model

  --name NAME        what to call it; else as its file says
  --licence ID       its licence, where its file does not say
  --weights FORMAT   how to store its matrices: kept (as the file has them, where that is fast), q8, q4, …
  --fim P,S,M        its tokens ahead of prefix, suffix and middle; none: it does not fill in
  --sha256 HEX       what a download must have
  --mirror URL       where to fetch from instead of https://huggingface.co
  --places N         with calibrate: most places that it asks about for holes; else 300
  --measure          with list: how fast each model is here, measured now
`;

/** @throws WrongArguments with a sentence that names what is wrong. */
export function readModelsArguments(args: readonly string[]): ModelsCommand {
  const { values, positionals } = parsed(args);
  const [action, target, second, ...rest] = positionals;
  if (rest.length > 0 || (second !== undefined && action !== 'calibrate'))
    throw new WrongArguments(`${[second, ...rest].join(' ')} is too much.`);
  const needed = (what: string): string => {
    if (target === undefined) throw new WrongArguments(`Say which: candor models ${action ?? ''} ${what}.`);
    return target;
  };
  const fim = fillTokens(values.fim);
  switch (action) {
    case undefined:
    case 'list':
      return { kind: 'models-list', json: values.json ?? false, measure: values.measure ?? false };
    case 'remove':
      return { kind: 'models-remove', name: needed('NAME') };
    case 'prompt':
      if (fim === undefined) throw new WrongArguments('Say the tokens: --fim PREFIX,SUFFIX,MIDDLE, or none.');
      return { kind: 'models-prompt', name: needed('NAME'), fillInTheMiddle: fim };
    case 'calibrate': {
      if (second === undefined) throw new WrongArguments('Say which: candor models calibrate NAME FOLDER.');
      const { places } = values;
      const name = needed('NAME FOLDER');
      return { kind: 'models-calibrate', name, folder: second, ...(places !== undefined && { places }) };
    }
    case 'add':
      return { kind: 'models-add', from: needed('FILE.gguf'), options: addOptions(values, fim) };
    default:
      throw new WrongArguments(
        `There is no command models ${action}; there are list, add, remove, prompt and calibrate.`,
      );
  }
}

function addOptions(values: Values, fillInTheMiddle: FillTokens | undefined): AddOptions {
  const { json = false, name, licence, weights, sha256, mirror } = values;
  if (weights !== undefined && !isWeightFormat(weights))
    throw new WrongArguments(`There is no format ${weights}; there are ${WEIGHT_FORMATS.join(', ')}.`);
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw new WrongArguments('--sha256 needs 64 hexadecimal digits.');
  return {
    json,
    ...(name !== undefined && { name }),
    ...(licence !== undefined && { licence }),
    ...(weights !== undefined && { weights }),
    ...(fillInTheMiddle !== undefined && { fillInTheMiddle }),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(mirror !== undefined && { mirror }),
  };
}

function fillTokens(text: string | undefined): FillTokens | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const [prefix, suffix, middle, ...more] = text.split(',');
  if (!prefix || !suffix || !middle || more.length > 0)
    throw new WrongArguments(`--fim needs three tokens with commas between, or none, not ${text}.`);
  return [prefix, suffix, middle];
}

type Values = ReturnType<typeof parsed>['values'];

function parsed(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof flags; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (problem) {
    throw new WrongArguments(problem instanceof Error ? problem.message : String(problem));
  }
}
