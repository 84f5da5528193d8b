/** What a suggestion depends on besides the model, as names: a promise holds for equal names alone. */
import { createHash } from 'node:crypto';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { Settings } from '../protocol.js';
import { settingsForHoles } from './calibration-run.js';

/** Raised when suggestions change for reasons that are neither settings nor grammar nor bundle. */
const PIPELINE_VERSION = 10;

/** Settings that decide when and where something is offered, but not what. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'enable',
  'languages',
  'trigger',
  'delayMs',
  'budgetMs',
  'inComments',
  'inStrings',
  'prepareNext',
  'readAhead',
  // Decides when the network runs, and nothing else but last bits.
  'speculation',
  // Promises are made without monitors (`settingsForHoles`).
  'analysisServers',
  'holes',
  'maxHoles',
  'bundle',
  'threads',
  'device',
  'unloadMinutes',
  'mirror',
] satisfies (keyof Settings)[]);

/**
 * Names the settings that a suggestion depends on. Every setting counts unless it is known not to matter, so that a
 * new one is never forgotten; what is switched off does not, so that a new one that is off changes nothing.
 */
export function pipelineOf(settings: Settings): string {
  const counts = Object.entries(settingsForHoles(settings))
    .filter(([name, value]) => !WITHOUT_EFFECT.has(name) && isOn(value))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return digest([PIPELINE_VERSION, counts]);
}

function isOn(value: unknown): boolean {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return Boolean(value) && value !== 'off' && !isEmpty;
}

/** Names a grammar by its symbols and the size of its table. */
export function grammarOf({ name, grammar }: SyntaxLanguage): string {
  const { abi, states, names } = grammar.table;
  return `${name} ${digest([abi, states, names])}`;
}

export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
