/** One place of the corpus: what the monitors know there, and what is suggested with and without them. */
import { completeAt } from '../../../language-server/completion/complete-at.js';
import type { Engine } from '../../../language-server/completion/engine.js';
import type { WriteOutcome, Writer } from '../../../language-server/decoding/write-request.js';
import {
  questionAt,
  type Answer,
  type ProgramQuestion,
} from '../../../language-server/monitors/questions.js';
import type { Settings } from '../../../language-server/protocol.js';
import { consult, type Oracle } from './oracle.js';
import type { MonitorPlace } from './places.js';

export type Arm = 'off' | 'always' | 'check';
export const arms: readonly Arm[] = ['off', 'always', 'check'];

export interface ArmResult {
  /** Whether the likeliest draft begins with the true name, and no longer one. */
  readonly hits: boolean;
  /** What the user would see. */
  readonly shown?: string;
  /** Whether all that was taken out is shown, and nothing else. */
  readonly isExact: boolean;
  /** Whether what is shown brings no new errors; undefined when the server could not say. */
  readonly isClean?: boolean;
  readonly totalMs: number;
  readonly promptMs: number;
  /** Of the total, waiting for the analysis server. */
  readonly waitedMs: number;
  /** Runs of the network: what does not depend on how busy the machine is. */
  readonly steps: number;
  /** Whether it was written anew. */
  readonly isRewritten: boolean;
  /** Milliseconds of each question. */
  readonly questions: readonly number[];
  /** Names that were not judged, and why. */
  readonly abstained: readonly string[];
  /** How often so little probability was left that nothing was forced. */
  readonly released: number;
  /** Probability that was refused, summed over the draft. */
  readonly removed: number;
}

export interface PlaceResult {
  readonly oracle: Oracle;
  /** Undefined where nobody knows a candidate: no case. */
  readonly arms?: Readonly<Record<Arm, ArmResult>>;
  /** Whether any of six samples begins with the true name. */
  readonly hitsOfSix?: boolean;
}

export interface Measuring {
  /** Undefined: only what the servers know is measured. */
  readonly engine: Extract<Engine, { kind: 'ready' }> | undefined;
  readonly settings: Settings;
  readonly seed: number;
  readonly ask: (question: ProgramQuestion, place: MonitorPlace) => Promise<Answer>;
}

/** Six samples, as in Agrawal et al. 2023. */
const SAMPLES = 6;
const TEMPERATURE = 0.8;

type Writing = Measuring & { readonly engine: NonNullable<Measuring['engine']> };

export async function measurePlace(place: MonitorPlace, given: Measuring): Promise<PlaceResult> {
  const oracle = await consult(place, (question) => given.ask(question, place));
  if (oracle.candidates === 0 || !given.engine) return { oracle };
  const measuring = { ...given, engine: given.engine };
  // The first arm reads the prompt, and the others find it read: times are compared without the reading.
  const off = await suggest(place, 'off', measuring);
  const always = await suggest(place, 'always', measuring);
  const check = await suggest(place, 'check', measuring);
  return { oracle, arms: { off, always, check }, hitsOfSix: await sample(place, measuring) };
}

async function suggest(place: MonitorPlace, arm: Arm, measuring: Writing): Promise<ArmResult> {
  const recorded: WriteOutcome[] = [];
  const completions = await complete(place, arm, recording(measuring.engine.writer, recorded), measuring);
  const outcome = recorded[0];
  const shown = completions[0];
  const trace = outcome?.trace ?? [];
  const isClean = shown === undefined ? undefined : await clean(shown, place, measuring);
  return {
    hits: outcome?.drafts[0] !== undefined && hits(place, outcome.drafts[0].text),
    ...(shown !== undefined && { shown }),
    isExact: shown === place.expected,
    ...(isClean !== undefined && { isClean }),
    totalMs: outcome?.cost.totalMs ?? 0,
    promptMs: outcome?.cost.promptMs ?? 0,
    waitedMs: outcome?.cost.waitedMs ?? 0,
    steps: outcome?.cost.steps ?? 0,
    isRewritten: trace.some((entry) => entry.kind === 'note' && entry.text.startsWith('Written anew')),
    questions: trace.flatMap((entry) => (entry.kind === 'asked' ? [entry.ms] : [])),
    abstained: trace.flatMap((entry) => (entry.kind === 'abstained' ? [entry.why] : [])),
    released: trace.filter((entry) => entry.kind === 'note' && entry.text.startsWith('Not forced')).length,
    removed: trace.reduce((sum, entry) => sum + (entry.kind === 'removed' ? entry.probability : 0), 0),
  };
}

async function sample(place: MonitorPlace, measuring: Writing): Promise<boolean> {
  const recorded: WriteOutcome[] = [];
  const { writer } = measuring.engine;
  const sampling = { temperature: TEMPERATURE, seed: measuring.seed };
  const sampled: Writer = {
    ...recording(writer, recorded),
    async write(request, ...rest) {
      const outcome = await writer.write({ ...request, drafts: SAMPLES, sampling }, ...rest);
      recorded.push(outcome);
      return outcome;
    },
  };
  await complete(place, 'off', sampled, measuring);
  return recorded.some(({ drafts }) => drafts.some(({ text }) => hits(place, text)));
}

async function complete(
  { file, before, after }: MonitorPlace,
  arm: Arm,
  writer: Writer,
  { engine, settings }: Writing,
): Promise<readonly string[]> {
  const { items } = await completeAt({
    text: before + after,
    path: file.absolutePath,
    languageId: file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings: { ...settings, monitors: { '*': arm } },
    engine: { ...engine, writer },
  });
  return items.map(({ text, start }) => text.slice(Math.max(0, before.length - start)));
}

/** The same writer; `outcomes` hears all that it says. */
function recording(writer: Writer, outcomes: WriteOutcome[]): Writer {
  return {
    async write(...request) {
      const outcome = await writer.write(...request);
      outcomes.push(outcome);
      return outcome;
    },
  };
}

async function clean(shown: string, place: MonitorPlace, { ask }: Measuring): Promise<boolean | undefined> {
  const answer = await ask(questionAt('diagnostics', { written: shown, back: 0, closers: '' }), place);
  if (answer === undefined || !('added' in answer)) return undefined;
  return answer.added.every(({ severity }) => severity !== 'error');
}

/** Whether a text begins with the name that was taken out. Of an argument, the first lexeme counts. */
export function hits(
  { kind, name, expected }: Pick<MonitorPlace, 'kind' | 'name' | 'expected'>,
  text: string,
): boolean {
  if (kind === 'signatures') return firstLexeme(text) === firstLexeme(expected);
  const isWhole = kind === 'strings' || kind === 'modules' ? /^["'`]/ : /^(?![\w$])/;
  return text.startsWith(name) && isWhole.test(text.slice(name.length));
}

function firstLexeme(text: string): string {
  return /^\s*([\p{L}\p{N}_$]+|["'`][^"'`]*|[^\s\p{L}\p{N}_$])/u.exec(text)?.[1] ?? '';
}
