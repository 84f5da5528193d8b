/** What a request wishes of depth and of doubt, put together from what the bundle has; the trace tells what it lacks. */
import { cappedAt, fullDepth, noDeeperThan, policyFor } from '../inference/exit-policies.js';
import type { ExitPolicy, LanguageModel } from '../inference/model.js';
import type { Vocabulary } from '../tokens/vocabulary.js';
import { doubtBy, noDoubt, type Doubt } from './doubt/doubt.js';
import type { Surroundings } from './doubt/features.js';
import type { StopModel } from './doubt/stop-model.js';
import type { ProgramSyntax } from './program-syntax.js';
import type { TraceEntry, WriteRequest } from './write-request.js';

type Tell = (entry: TraceEntry) => void;

export function policyOf({ exit, exits }: WriteRequest, model: LanguageModel, tell: Tell): ExitPolicy {
  const { policy, instead } = policyFor(exits ?? { rule: 'full' }, model);
  if (instead !== undefined) tell({ kind: 'note', text: instead });
  if (exit === undefined || exit === model.layers) return policy;
  if (model.exits.includes(exit)) return noDeeperThan(exit, policy);
  const there = model.exits.join(', ');
  tell({ kind: 'note', text: `There is no exit at layer ${exit} (only ${there}): the depth is not capped.` });
  return policy;
}

/** As deep as the request allows, whatever its tokens may leave early by: for what is read to judge drafts, or to close them. */
export function depthOf(
  { exit }: Pick<WriteRequest, 'exit' | 'exits'>,
  { exits, layers }: LanguageModel,
): ExitPolicy {
  return exit !== undefined && exit !== layers && exits.includes(exit) ? cappedAt(exit) : fullDepth;
}

export interface DoubtSources {
  readonly model: LanguageModel;
  readonly vocabulary: Vocabulary;
  /** Undefined where the bundle has none; a sentence about why it cannot be used. */
  readonly stopModel: StopModel | string | undefined;
}

export function doubtOf(
  { stop, program }: WriteRequest,
  { model: { controller }, vocabulary, stopModel }: DoubtSources,
  syntax: ProgramSyntax | undefined,
  healed: number,
  tell: Tell,
): Doubt {
  if (!stop) return noDoubt;
  const usable = typeof stopModel === 'object' ? stopModel : undefined;
  if (!usable) {
    const why = typeof stopModel === 'string' ? stopModel : 'the bundle has no stop model';
    tell({ kind: 'note', text: `Does not stop on uncertainty: ${why}.` });
    if (stop.features !== true) return noDoubt;
  }
  const surroundings = surroundingsOf(program.before, syntax);
  return doubtBy(stop, { model: usable, controller, vocabulary, surroundings, healed });
}

function surroundingsOf(before: string, syntax: ProgramSyntax | undefined): Surroundings {
  let words: ReadonlySet<string> | undefined;
  return {
    kind: syntax?.place.kind ?? 'code',
    atLineStart: /(^|\n)[ \t]*$/.test(before),
    isKnown: (word) => (words ??= new Set(before.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu))).has(word),
  };
}
