/** One place: what each arm offers there, how good the set is, and what it costs beside one greedy draft. */
import { completeAt } from '../../../language-server/completion/complete-at.js';
import { meaningOf } from '../../../language-server/completion/same-meaning.js';
import type { Completions } from '../../../language-server/completion/complete.js';
import { defaultSettings } from '../../../language-server/default-settings.js';
import { grammarOf } from '../../support/grammars.js';
import type { Cut } from '../cases.js';
import type { Times } from '../exactly-so-many.js';
import { similarity } from '../similarity.js';
import { countErrors } from '../syntax-judges.js';
import { greedy, readAhead, type Arm, type Length } from './arms.js';
import type { DraftsEngine } from './engine.js';
import type { TypeJudge } from './type-errors.js';

/** One arm's set at a place. */
export interface SetResult {
  /** Whether the true line is among them. */
  readonly hit: number;
  /** Of the best to the true line. */
  readonly similarity: number;
  /** How many say different things. */
  readonly distinct: number;
  /** Share of them that bring a new syntax error. */
  readonly syntaxErrors: number;
  /** Share of them, of those that the language's analysis judges, that bring an error; absent when it judges none. */
  readonly typeErrors?: number;
  /** Milliseconds to decode, the prompt being read, and in all. */
  readonly decodeMs: number;
  readonly totalMs: number;
}

export interface PlaceResult {
  /** Tokens of the greedy draft. */
  readonly length: number;
  /** Milliseconds of reading the prompt once. */
  readonly promptMs: number;
  readonly sets: Readonly<Record<string, SetResult>>;
  /** By arm and length: what drafts of that length take; only where it was measured. */
  readonly times?: Readonly<Record<string, readonly Times[]>>;
}

export interface MeasureOptions {
  readonly promptTokens: number;
  readonly maxTokens: number;
  /** Whether fixed lengths are timed here too. */
  readonly timed: boolean;
  readonly lengths: readonly Length[];
  /** In which order the arms go, also when they are timed: timing one always first would favour the others. */
  readonly order: readonly Arm[];
  readonly timedOrder: readonly Arm[];
}

export async function measurePlace(
  cut: Cut,
  engine: DraftsEngine,
  judge: TypeJudge,
  options: MeasureOptions,
): Promise<PlaceResult> {
  const first = await suggestions(cut, greedy, engine, options);
  const request = engine.requests.at(-1)!;
  const sets: Record<string, SetResult> = {};
  for (const arm of [greedy, ...options.order])
    sets[arm.name] = await judged(cut, await suggestions(cut, arm, engine, options), judge);
  const place = {
    length: first.items[0]?.draft.tokens.length ?? 0,
    promptMs: first.cost.promptMs,
    sets,
  };
  if (!options.timed) return place;
  const times: Record<string, Times[]> = {};
  for (const arm of options.timedOrder) {
    const { name, drafts, drafting } = arm;
    const speculation = arm === readAhead;
    times[name] = [];
    for (const length of options.lengths)
      times[name].push(await engine.timesOf({ ...request, drafts, drafting, speculation }, length));
  }
  return { ...place, times };
}

async function suggestions(
  { before, after, file }: Cut,
  { drafts, drafting }: Arm,
  { engine }: DraftsEngine,
  { promptTokens, maxTokens }: MeasureOptions,
): Promise<Completions> {
  return completeAt({
    text: before + after,
    path: file.absolutePath,
    languageId: file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings: {
      ...defaultSettings,
      rescore: 'off',
      drafts,
      drafting,
      promptTokens,
      maxTokens,
      lines: 'single',
      monitors: { '*': 'off' },
    },
    engine,
  });
}

async function judged(cut: Cut, { items, cost }: Completions, judge: TypeJudge): Promise<SetResult> {
  const { before, after, expected, file } = cut;
  const language = await grammarOf(file.language);
  const errorsBefore = countErrors(language, before + expected + after);
  const wrong = items.filter(({ text, start, end }) => {
    const whole = before + after;
    return errorsBefore < countErrors(language, whole.slice(0, start) + text + whole.slice(end));
  });
  const verdicts: boolean[] = [];
  for (const item of items) {
    const verdict = await judge(cut, item);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  const lines = items.map(({ text, end }) => {
    // What stands behind the cursor on its line belongs to the line, unless the suggestion replaces it.
    const rest = after.slice(end - before.length).split(/\r?\n/, 1)[0] ?? '';
    return (text.split(/\r?\n/, 1)[0] ?? '') + rest;
  });
  return {
    hit: lines.some((line) => line.trimEnd() === expected.trimEnd()) ? 1 : 0,
    similarity: Math.max(0, ...lines.map((line) => similarity(line, expected))),
    distinct: new Set(items.map(({ text }) => meaningOf(text))).size,
    syntaxErrors: items.length === 0 ? 0 : wrong.length / items.length,
    ...(verdicts.length > 0 && { typeErrors: verdicts.filter(Boolean).length / verdicts.length }),
    decodeMs: cost.decodeMs,
    totalMs: cost.totalMs,
  };
}
