/** What was asked for on the command line. Checks everything that can be checked without a model. */
import { parseArgs } from 'node:util';
import type { ExitChoice } from '../language-server/inference/exit-policies.js';
import {
  draftingNames,
  rescoreNames,
  stopNames,
  type DraftingName,
  type Settings,
} from '../language-server/protocol.js';
import { readExitChoice } from './exit-choice.js';
import { modelsUsage, readModelsArguments, type ModelsCommand } from './models-arguments.js';
import { DEVICES, type DeviceSetting } from '../language-server/inference/devices/device.js';
import { WrongArguments } from './wrong-arguments.js';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | Exclude<ModelsCommand, { kind: 'models-calibrate' }>
  | (Extract<ModelsCommand, { kind: 'models-calibrate' }> & { readonly options: Options })
  | { readonly kind: 'complete'; readonly place: string; readonly options: Options }
  | { readonly kind: 'complete-stdin'; readonly options: Options }
  | { readonly kind: 'calibrate' | 'fit-stop'; readonly folder: string; readonly options: Options }
  | { readonly kind: 'devices'; readonly options: Options }
  | { readonly kind: 'demo'; readonly place?: string; readonly options: Options };

/** Flags; what is undefined is left to the settings' defaults and to the file. */
export interface Options {
  readonly json: boolean;
  /** With the manners and budgets of the editor, instead of an explicit request without deadlines. */
  readonly automatic: boolean;
  readonly bundle?: string;
  readonly device: DeviceSetting;
  /** Language id, whatever the file's name says. */
  readonly language?: string;
  /** Deepest layer that may run. */
  readonly exit?: number;
  /** When tokens may leave the network early; undefined: never. */
  readonly exits?: ExitChoice;
  /** When to stop on uncertainty, in explicit requests too; undefined: as the settings say, which is for automatic ones. */
  readonly stop?: Settings['stop'];
  /** When drafts are judged once more by the text after the cursor. */
  readonly rescore?: Settings['rescore'];
  /** Whether tokens are guessed and read ahead. */
  readonly speculation: boolean;
  readonly syntax: boolean;
  /** How readily drafts go back from dead ends. */
  readonly backUp?: number;
  /** When analysis servers are asked which names exist. */
  readonly monitors?: MonitorPolicy;
  readonly drafts?: number;
  /** How several drafts are written. */
  readonly drafting?: DraftingName;
  /** Samples the drafts with this seed; without it they are greedy. */
  readonly seed?: number;
  readonly maxTokens?: number;
  readonly threads?: number;
  /** The error rate that is promised for suggestions with holes; undefined: no holes. */
  readonly holes?: number;
  readonly maxHoles?: number;
  /** Most places that a calibration asks about. */
  readonly places?: number;
}

/** Where a model can run. */
const devices = ['auto', ...DEVICES] as const;

const policies = ['check', 'always', 'off'] as const;
export type MonitorPolicy = (typeof policies)[number];

const flags = {
  json: { type: 'boolean' },
  stdin: { type: 'boolean' },
  automatic: { type: 'boolean' },
  bundle: { type: 'string' },
  device: { type: 'string' },
  language: { type: 'string' },
  exit: { type: 'string' },
  exits: { type: 'string' },
  stop: { type: 'string' },
  rescore: { type: 'string' },
  'no-speculation': { type: 'boolean' },
  'no-syntax': { type: 'boolean' },
  'back-up': { type: 'string' },
  monitors: { type: 'string' },
  'no-monitors': { type: 'boolean' },
  drafts: { type: 'string' },
  drafting: { type: 'string' },
  seed: { type: 'string' },
  'max-tokens': { type: 'string' },
  threads: { type: 'string' },
  holes: { type: 'string' },
  'max-holes': { type: 'string' },
  places: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Besides `models`, which has arguments of its own. */
const commands = ['complete', 'calibrate', 'fit-stop', 'devices', 'demo'] as const;

/** Limits that keep a typing error from running for an hour. */
const MOST_DRAFTS = 16;
const MOST_TOKENS = 2_048;
const MOST_HOLES = 5;

export const usage = `candor: code completion from a model on this machine

  candor complete FILE:LINE:COLUMN   what would be suggested there; lines and columns count from 1
  candor complete --stdin            many places, one a line, one line of JSON for each
  candor calibrate FOLDER            how sure suggestions must be on your own files (docs/holes.md)
  candor fit-stop FOLDER             adds to the bundle when its drafts are right, learnt on code (docs/exits.md)
  candor devices                     tries the devices of this machine, and tells what works
  candor demo [FILE:LINE:COLUMN]     completes five real files, or four and yours

  --json             print JSON (docs/cli.md has its form)
  --automatic        with the manners and budgets of the editor; else an explicit request without deadlines
  --bundle NAME      a model of yours, or a bundle's folder; else the one that ships
  --device NAME      where the model runs: ${devices.join(', ')};
                     auto takes what is remembered of this machine, and tries nothing
  --language ID      language id, whatever the file's name says
  --exit LAYER       deepest layer of the model that may run
  --exits POLICY     when tokens leave the network early: full, controller[:P[:STOP]], entropy:NATS, margin:P;
                     with ,propagated after it, skipped layers are estimated instead of filled in later
  --stop LEVEL       when to stop on uncertainty: ${stopNames.join(', ')}
  --rescore WHEN     when drafts are judged once more by the text after the cursor, for models that never see it:
                     ${rescoreNames.join(', ')}
  --no-speculation   do not read guessed tokens ahead: slower, and the same text
  --no-syntax        do not hold the text to the grammar of the language
  --back-up H        how readily drafts go back from dead ends; else 1; 0: token by token
  --monitors WHEN    ask the language's analysis server which names exist: check (finished suggestions, which are
                     written anew where they bring errors; the default), always (every name), off
  --no-monitors      the same as --monitors off
  --drafts K         most suggestions
  --drafting WAY     how several are written: ${draftingNames.join(', ')}
  --seed N           sample the suggestions with this seed; else they are the likeliest
  --max-tokens N     most tokens of a suggestion
  --threads N        threads for the model; else half the cores
  --holes EPS        holes where the model is not sure, so that at most EPS of suggestions are wrong elsewhere;
                     needs a calibration. With calibrate: only this EPS
  --max-holes M      most holes of a suggestion; else 2
  --places N         most places that calibrate asks about; else 300
  --help, --version

Models:
${modelsUsage}
Exit codes: 0 a suggestion or a reason for none, 1 a failure, 2 wrong arguments.
`;

/** @throws WrongArguments with a sentence that names what is wrong. */
export function readArguments(args: readonly string[]): Command {
  if (args[0] === 'models' && !args.includes('--help')) return modelsCommand(args.slice(1));
  const { values, positionals } = parsed(args);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [command, place, ...rest] = positionals;
  if (command === undefined)
    throw new WrongArguments('Say what to do: complete, calibrate, fit-stop, devices, demo or models.');
  if (!commands.some((known) => known === command)) {
    throw new WrongArguments(
      `There is no command ${command}; there are complete, calibrate, fit-stop, devices, demo and models.`,
    );
  }
  if (rest.length > 0) throw new WrongArguments(`One place at a time; ${rest.join(' ')} is too much.`);
  const options = optionsOf(values);
  if (values.stdin && (command !== 'complete' || place !== undefined)) {
    throw new WrongArguments('--stdin goes with complete alone, without a place.');
  }
  if (values.stdin) return { kind: 'complete-stdin', options };
  if (command === 'demo') return { kind: 'demo', ...(place !== undefined && { place }), options };
  if (command === 'devices') {
    if (place !== undefined) throw new WrongArguments(`candor devices takes no place; ${place} is too much.`);
    return { kind: 'devices', options };
  }
  if (command === 'calibrate' || command === 'fit-stop') {
    if (place === undefined) throw new WrongArguments(`Say which folder: candor ${command} FOLDER.`);
    return { kind: command, folder: place, options };
  }
  if (place === undefined)
    throw new WrongArguments('Say where: candor complete FILE:LINE:COLUMN, or --stdin.');
  return { kind: 'complete', place, options };
}

/** Calibrating a model is calibrating with it, its exits first. */
function modelsCommand(args: readonly string[]): Command {
  const command = readModelsArguments(args);
  if (command.kind !== 'models-calibrate') return command;
  const { name, places } = command;
  const flags = ['--bundle', name, ...(places === undefined ? [] : ['--places', places])];
  return { ...command, options: optionsOf(parsed(flags).values) };
}

function parsed(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof flags; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (problem) {
    throw new WrongArguments(problem instanceof Error ? problem.message : String(problem));
  }
}

type Values = ReturnType<typeof parsed>['values'];

function optionsOf(values: Values): Options {
  const exit = wholeNumber(values, 'exit', 1);
  const backUp = exponent(values['back-up']);
  const exits = values.exits === undefined ? undefined : readExitChoice(values.exits);
  if (exit !== undefined && exits) throw new WrongArguments('--exit and --exits exclude each other.');
  const drafts = wholeNumber(values, 'drafts', 1, MOST_DRAFTS);
  const drafting = draftingOf(values.drafting);
  const seed = wholeNumber(values, 'seed', 0);
  const maxTokens = wholeNumber(values, 'max-tokens', 1, MOST_TOKENS);
  const threads = wholeNumber(values, 'threads', 1);
  const monitors = policyOf(values.monitors, values['no-monitors'] ?? false);
  const holes = errorRate(values.holes);
  const maxHoles = wholeNumber(values, 'max-holes', 1, MOST_HOLES);
  const places = wholeNumber(values, 'places', 1);
  return {
    json: values.json ?? false,
    automatic: values.automatic ?? false,
    ...(values.bundle !== undefined && { bundle: values.bundle }),
    device: deviceOf(values.device),
    ...(values.language !== undefined && { language: values.language }),
    ...(exit !== undefined && { exit }),
    ...(exits !== undefined && { exits }),
    ...(values.stop !== undefined && { stop: stopOf(values.stop) }),
    ...(values.rescore !== undefined && { rescore: rescoreOf(values.rescore) }),
    speculation: !(values['no-speculation'] ?? false),
    syntax: !(values['no-syntax'] ?? false),
    ...(backUp !== undefined && { backUp }),
    ...(monitors !== undefined && { monitors }),
    ...(drafts !== undefined && { drafts }),
    ...(drafting !== undefined && { drafting }),
    ...(seed !== undefined && { seed }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(threads !== undefined && { threads }),
    ...(holes !== undefined && { holes }),
    ...(maxHoles !== undefined && { maxHoles }),
    ...(places !== undefined && { places }),
  };
}

function stopOf(name: string): Settings['stop'] {
  const level = stopNames.find((known) => known === name);
  if (level === undefined)
    throw new WrongArguments(`--stop needs ${stopNames.join(', ')}, not ${JSON.stringify(name)}.`);
  return level;
}

function rescoreOf(name: string): Settings['rescore'] {
  const when = rescoreNames.find((known) => known === name);
  if (when === undefined)
    throw new WrongArguments(`--rescore needs ${rescoreNames.join(', ')}, not ${JSON.stringify(name)}.`);
  return when;
}

function deviceOf(name: string | undefined): DeviceSetting {
  if (name === undefined) return 'auto';
  const device = devices.find((known) => known === name);
  if (!device)
    throw new WrongArguments(`The device ${name} is not supported; there is ${devices.join(', ')}.`);
  return device;
}

function draftingOf(name: string | undefined): DraftingName | undefined {
  const way = draftingNames.find((known) => known === name);
  if (name !== undefined && !way)
    throw new WrongArguments(`There is no --drafting ${name}; there are ${draftingNames.join(', ')}.`);
  return way;
}

function policyOf(name: string | undefined, isOff: boolean): MonitorPolicy | undefined {
  if (isOff && name !== undefined && name !== 'off')
    throw new WrongArguments(`--no-monitors and --monitors ${name} do not go together.`);
  if (isOff) return 'off';
  const policy = policies.find((known) => known === name);
  if (name !== undefined && !policy)
    throw new WrongArguments(`--monitors is one of ${policies.join(', ')}, not ${JSON.stringify(name)}.`);
  return policy;
}

function errorRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(0 < value && value < 1))
    throw new WrongArguments(`--holes needs a number between 0 and 1, not ${JSON.stringify(text)}.`);
  return value;
}

function exponent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(0 <= value))
    throw new WrongArguments(`--back-up needs a number from 0 on, not ${JSON.stringify(text)}.`);
  return value;
}

function wholeNumber(
  values: Values,
  name: 'exit' | 'drafts' | 'seed' | 'max-tokens' | 'threads' | 'max-holes' | 'places',
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new WrongArguments(`--${name} needs a whole number ${range}, not ${JSON.stringify(text)}.`);
  }
  return value;
}
