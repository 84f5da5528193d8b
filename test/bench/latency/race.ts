/**
 * Two engines beside each other in one process, taking turns, so that both meet the same machine.
 *
 * Rounds in which other programs used more than a small share of the processors say nothing about the engines and
 * are left out, unless there is no other round; how many were left out is part of the answer.
 */
import type { BenchContext, Figure } from '../benchmark.js';
import { medianFigure } from '../statistics.js';
import type { Contender } from './contender.js';
import { withLoad } from './machine-load.js';

/** Tokens of one text: the prompt, of which the last token is the first input of decoding. */
export interface RaceText {
  readonly id: string;
  readonly tokens: readonly number[];
}

/** One round, measured for both. Milliseconds; of decoding, the median of a token. */
interface Round {
  readonly ownPromptMs: number;
  readonly rivalPromptMs: number;
  readonly ownStepMs: number;
  readonly rivalStepMs: number;
  /** A token on average: ours with tokens read ahead, theirs as it writes. */
  readonly ownAheadMs: number;
  readonly rivalMeanMs: number;
  /** Greedy tokens that both wrote alike from the start on, and how many were written. */
  readonly alike: number;
  readonly written: number;
  /** The larger of the shares of the processors that others used; null when unknown. */
  readonly others: number | null;
}

/** As in the study that chose the engine: with more, ratios spread by more than a tenth. */
const MOST_OTHERS = 0.08;

export interface RaceFigures {
  readonly decode: Figure;
  /** The mean of a token with tokens read ahead, over the rival's mean. */
  readonly decodeAhead: Figure;
  readonly prompt: Figure;
  readonly ownStepMs: Figure;
  readonly rivalStepMs: Figure;
  readonly ownPromptMs: Figure;
  readonly rivalPromptMs: Figure;
  /** Share of rounds without other load. */
  readonly clean: Figure;
  readonly alike: Figure;
}

export async function race(
  part: string,
  texts: readonly RaceText[],
  steps: number,
  own: Contender,
  rival: Contender,
  { measureEach, seed, progress }: BenchContext,
  share: number,
): Promise<RaceFigures> {
  // The first run of anything is slower: graphs are laid out, pages are touched.
  await round(texts[0]!, 4, own, rival, true);
  let turn = 0;
  const rounds = (
    await measureEach(part, texts, (text) => round(text, steps, own, rival, turn++ % 2 === 0), share)
  ).map(({ result }) => result);
  const quiet = rounds.filter(({ others }) => others === null || others < MOST_OTHERS);
  const used = quiet.length > 0 ? quiet : rounds;
  if (quiet.length < rounds.length) {
    const rest = quiet.length > 0 ? 'they are left out' : 'all are used';
    progress(
      `${part}: other programs ran during ${rounds.length - quiet.length} of ${rounds.length} rounds; ${rest}.`,
    );
  }
  const of = (value: (one: Round) => number, unit: string): Figure =>
    medianFigure(used.map(value), unit, seed);
  const written = rounds.reduce((sum, one) => sum + one.written, 0);
  return {
    decode: of((one) => one.ownStepMs / one.rivalStepMs, '1'),
    decodeAhead: of((one) => one.ownAheadMs / one.rivalMeanMs, '1'),
    prompt: of((one) => one.ownPromptMs / one.rivalPromptMs, '1'),
    ownStepMs: of((one) => one.ownStepMs, 'ms'),
    rivalStepMs: of((one) => one.rivalStepMs, 'ms'),
    ownPromptMs: of((one) => one.ownPromptMs, 'ms'),
    rivalPromptMs: of((one) => one.rivalPromptMs, 'ms'),
    clean: { value: quiet.length / rounds.length, unit: '1', n: rounds.length },
    alike: { value: rounds.reduce((sum, one) => sum + one.alike, 0) / written, unit: '1', n: written },
  };
}

async function round(
  { tokens }: RaceText,
  steps: number,
  own: Contender,
  rival: Contender,
  ownFirst: boolean,
): Promise<Round> {
  const run = (one: Contender) =>
    withLoad(async () => {
      const promptMs = await one.readPrompt(tokens);
      const written = await one.continueFrom(tokens.at(-1)!, steps);
      return { promptMs, ...written, aheadMs: (await one.continueAhead?.(steps)) ?? NaN };
    });
  const first = await run(ownFirst ? own : rival);
  const second = await run(ownFirst ? rival : own);
  const [ours, theirs] = ownFirst ? [first, second] : [second, first];
  const others = Math.max(ours.others ?? NaN, theirs.others ?? NaN);
  return {
    ownPromptMs: ours.result.promptMs,
    rivalPromptMs: theirs.result.promptMs,
    ownStepMs: stepMs(ours.result.stepMs),
    rivalStepMs: stepMs(theirs.result.stepMs),
    ownAheadMs: ours.result.aheadMs,
    rivalMeanMs: mean(theirs.result.stepMs),
    alike: commonLength(ours.result.tokens, theirs.result.tokens),
    written: Math.min(ours.result.tokens.length, theirs.result.tokens.length),
    others: Number.isNaN(others) ? null : others,
  };
}

/** The median of the steps after the first, which still pays for the way from reading to writing. */
function stepMs(all: readonly number[]): number {
  const later = [...(all.length > 1 ? all.slice(1) : all)].sort((a, b) => a - b);
  return later[later.length >> 1]!;
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}

function commonLength(left: readonly number[], right: readonly number[]): number {
  const end = Math.min(left.length, right.length);
  let length = 0;
  while (length < end && left[length] === right[length]) length++;
  return length;
}
