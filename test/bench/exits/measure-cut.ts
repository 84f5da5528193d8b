/** One place: at full depth with all exits looked at, stopped on uncertainty, by each rule of leaving, and timed. */
import { heal, markupBehind } from '../../../language-server/decoding/healing.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import type { ExitChoice } from '../../../language-server/inference/exit-policies.js';
import type { Settings } from '../../../language-server/protocol.js';
import { encodePrompt } from '../../../language-server/tokens/encode-prompt.js';
import type { Cut } from '../cases.js';
import { randomFor, shuffled } from '../random.js';
import type { Spent } from '../spent.js';
import type { ExitsEngine } from './engine.js';
import { qualityOf, type Quality } from './quality.js';
import { never, type StepSeen } from './recording.js';
import { replay } from './replay.js';
import { CHOSEN, rulesFor, type ComparedRule } from './rules.js';
import { plain, writeAt, type Written, type Wrote } from './wrote.js';

export interface CutResult {
  readonly full: Wrote;
  readonly stopped: Wrote;
  /** Tokens decoded for each, without those of closing what did not join. */
  readonly tokens: { readonly full: number; readonly stopped: number };
  readonly rules: Readonly<Record<string, RuleResult>>;
  readonly quality: Quality;
  /** Full depth with tokens read ahead that were guessed. */
  readonly speculative: Speculative;
  readonly timed?: Timed;
}

export interface RuleResult {
  /** Summed over its runs of the network; where nothing is known after a token, up to that. */
  readonly layers: number;
  readonly runs: number;
  /** Whether it writes what full depth writes. */
  readonly same: boolean;
  /** Undefined where that is not known. */
  readonly exact?: boolean;
  /** Whether it was run, not replayed. */
  readonly wasRun: boolean;
}

export interface Speculative {
  /** Whether the text is that of full depth without guesses. */
  readonly same: boolean;
  readonly exact: boolean;
  /** Runs of the network, with guesses and without. */
  readonly runs: number;
  readonly runsWithout: number;
  readonly guessed: number;
  readonly held: number;
}

/** Full depth, the chosen policy, the same with propagation, and full depth with guesses. */
export const arms = ['full', 'filled', 'propagated', 'speculative'] as const;
export type Arm = (typeof arms)[number];

export interface ArmTimes {
  /** Of exactly as many tokens as full depth writes. */
  readonly decode: Spent;
  /** Of the whole suggestion, with the prompt read, by its runs of the network; guesses take none of their own. */
  readonly writeMs: number;
  readonly steps: number;
}

export interface Timed {
  readonly times: Readonly<Record<Arm, ArmTimes>>;
  /** Layers of each run of the network, with propagation. */
  readonly propagated: RuleResult;
  /** Whether the chosen policy did what its replay said; undefined where that was not certain. */
  readonly replayHolds?: boolean;
}

export interface Measuring {
  readonly engine: ExitsEngine;
  readonly settings: Settings;
  readonly exits: ExitChoice;
  /** Least chance with which stopping goes on. */
  readonly least: number;
  readonly isTimed: boolean;
  /** Whether every rule is compared here, for the curves; else the one that `--exits` names alone. */
  readonly isDrawn: boolean;
  readonly seed: number;
}

export async function measureCut(cut: Cut, measuring: Measuring): Promise<CutResult> {
  const { engine, settings, exits, least, isTimed, isDrawn } = measuring;
  const { recorder } = engine;
  const run = (looks: boolean, extra: Partial<WriteRequest>) =>
    recorder.during(looks, () => writeAt(cut, engine.engine, settings, extra));
  // Reads the prompt, so that all begin alike.
  await run(false, { maxTokens: 1 });
  const [written, steps] = await run(true, { exits: never, stop: { least: 0 } });
  const full = written.wrote;
  const [stopped, stoppedSteps] = await run(false, { exits: never, stop: { least } });
  const [guessing] = await run(false, { speculation: true });
  const runRule = async (choice: ExitChoice): Promise<RuleResult> => {
    const [again, seen] = await run(false, { exits: choice, stop: { least: 0 } });
    return ranAs(again.wrote, seen, full);
  };
  const byChoice = new Map<string, RuleResult>();
  const byRule: Record<string, RuleResult> = {};
  for (const rule of rulesFor(exits)) {
    if ((rule.isTimedOnly && !isTimed) || (rule.name !== CHOSEN && !isDrawn)) continue;
    const key = JSON.stringify(rule.choice);
    const result = byChoice.get(key) ?? (await byReplay(rule, steps, written, () => runRule(rule.choice)));
    byChoice.set(key, result);
    byRule[rule.name] = result;
  }
  return {
    full,
    stopped: stopped.wrote,
    tokens: { full: steps.length, stopped: stoppedSteps.length },
    rules: byRule,
    quality: qualityAt(cut, written, steps, engine),
    speculative: {
      same: guessing.wrote.text === full.text,
      exact: guessing.wrote.exact,
      runs: guessing.wrote.steps,
      runsWithout: full.steps,
      ...guessing.speculated,
    },
    ...(isTimed && { timed: await timed(cut, written, steps, measuring) }),
  };
}

/** Runs the rule only where a replay does not tell. */
async function byReplay(
  { leaves, choice, isRun }: ComparedRule,
  steps: readonly StepSeen[],
  { wrote: full, isPlain }: Written,
  runIt: () => Promise<RuleResult>,
): Promise<RuleResult> {
  const { exits, isSame, seesSkipped } = replay(steps, leaves, isPlain);
  const isKnown = isSame && !(choice.skipped && seesSkipped);
  if (isKnown) return { ...sums(exits), same: true, exact: full.exact, wasRun: false };
  return isRun ? runIt() : { ...sums(exits), same: false, wasRun: false };
}

async function timed(
  cut: Cut,
  { request, wrote: full, isPlain }: Written,
  steps: readonly StepSeen[],
  { engine, settings, exits, seed }: Measuring,
): Promise<Timed> {
  const choices = {
    full: { rule: 'full' },
    filled: exits,
    propagated: { ...exits, skipped: 'propagated' },
    speculative: { rule: 'full' },
  } as const satisfies Record<Arm, ExitChoice>;
  const times: Partial<Record<Arm, ArmTimes>> = {};
  const ran: Partial<Record<Arm, readonly [Written, readonly StepSeen[]]>> = {};
  // None has the better machine: which comes first is up to chance.
  for (const arm of shuffled(arms, randomFor(seed, `arms ${cut.id}`))) {
    const speculation = arm === 'speculative';
    ran[arm] = await engine.recorder.during(false, () =>
      writeAt(cut, engine.engine, settings, { exits: choices[arm], stop: { least: 0 }, speculation }),
    );
    const { steps: runs, writeMs } = ran[arm][0].wrote;
    const length = speculation ? full.steps : runs;
    const decode = await engine.timeOf(Math.max(1, steps.length), { ...request, speculation }, choices[arm]);
    times[arm] = { decode, writeMs, steps: length };
  }
  const { filled, propagated } = ran as Record<Arm, readonly [Written, readonly StepSeen[]]>;
  const chosen = rulesFor(exits).find(({ name }) => name === CHOSEN)!;
  const said = replay(steps, chosen.leaves, isPlain);
  const holds =
    filled[0].wrote.text === full.text && filled[1].every(({ exit }, at) => exit === said.exits[at]);
  return {
    times: times as Timed['times'],
    propagated: ranAs(propagated[0].wrote, propagated[1], full),
    ...(said.isSame && { replayHolds: holds }),
  };
}

function ranAs(wrote: Wrote, steps: readonly StepSeen[], full: Wrote): RuleResult {
  const layers = sums(steps.map(({ exit }) => exit));
  return { ...layers, same: wrote.text === full.text, exact: wrote.exact, wasRun: true };
}

function sums(exits: readonly number[]): Pick<RuleResult, 'layers' | 'runs'> {
  return { layers: exits.reduce((sum, exit) => sum + exit, 0), runs: exits.length };
}

function qualityAt(
  cut: Cut,
  { request }: Written,
  steps: readonly StepSeen[],
  { tokenizer }: ExitsEngine,
): Quality {
  const encoded = encodePrompt(request.prompt, tokenizer)!;
  const { text } = heal(encoded, request.program.before, tokenizer.vocabulary, markupBehind(request.prompt));
  const bytes = new TextEncoder();
  const truth = bytes.encode(text + plain(cut.expected + cut.after));
  const bytesOf = (token: number) => tokenizer.vocabulary.bytesOf(token);
  return qualityOf(steps, bytesOf, truth, bytes.encode(text).length);
}
