/** Asks the model about a place: prompt, request, and what may be shown of the drafts. */
import type { Cost, MonitorPolicy, TraceEntry, WriteRequest } from '../decoding/write-request.js';
import type { Settings } from '../protocol.js';
import type { CompletionContext } from './completion-context.js';
import type { Document } from './document.js';
import type { Engine } from './engine.js';
import { nearbyCode } from './nearby-code.js';
import { present, type Suggestion } from './present.js';
import { renderPrompt, type Snippet } from './render-prompt.js';
import type { Silence } from './silence.js';
import { stopLevels } from './stop-levels.js';
import type { LocalOdds } from './local-odds.js';
import { displayPath } from './snippets.js';

/** From which chance of its being right on a token leaves early, where the user wants speed. */
const EARLY = 0.9;

/** Nobody asked for what is shown by itself: it has to be the likelier. */
const LEAST_CLOSING = { automatic: 0.05, explicit: 1e-4 };

export type ReadyEngine = Extract<Engine, { kind: 'ready' }>;

export interface Question {
  readonly context: CompletionContext;
  readonly settings: Settings;
  readonly folders: readonly string[];
  readonly snippets: readonly Snippet[];
  readonly open: readonly Document[];
  /** Most drafts wanted. */
  readonly drafts: number;
  /** What suggestions that were accepted and rejected on this machine tell of the chances of others. */
  readonly local?: LocalOdds | undefined;
  /** Names the nth draft. */
  readonly idOf: (index: number) => string;
}

/** What the model had to say. */
export interface Asked {
  readonly suggestions: readonly Suggestion[];
  readonly silence?: Silence;
  readonly cost: Cost;
  readonly trace: readonly TraceEntry[];
}

/** Rejects only when the engine is broken. */
export async function askModel(
  question: Question,
  { writer, model }: ReadyEngine,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Asked> {
  const { context, settings, folders, snippets, idOf } = question;
  const path = displayPath(context.document.uri, folders);
  const prompt = renderPrompt(context, path, snippets, model.prompt, settings.promptTokens);
  const fillsIn = model.prompt.fillInTheMiddle !== null;
  const rescore = isRescored(question) && !fillsIn;
  const request = { prompt, fillsIn, ...requestOf(question, model.device), ...(rescore && { rescore }) };
  const outcome = await writer.write(request, signal, onProgress);
  const { drafts, cost, trace } = outcome;
  if (outcome.silence) return { suggestions: [], silence: outcome.silence, cost, trace };
  const { suggestions, silence } = present(drafts, context, idOf);
  return { suggestions, ...(silence && { silence }), cost, trace };
}

function depthOf({ exits, depthCaps }: Settings, device: string): Pick<WriteRequest, 'exits' | 'exit'> {
  const cap = depthCaps[device];
  return { ...exitsOf(exits), ...(cap !== undefined && { exit: cap }) };
}

function exitsOf(exits: Settings['exits']): Pick<WriteRequest, 'exits'> {
  if (exits === 'full') return {};
  if (exits === 'auto') return { exits: { rule: 'recommended' } };
  const early = { rule: 'controller', at: EARLY } as const;
  return { exits: exits === 'early' ? early : { ...early, skipped: 'propagated' } };
}

function stopOf({ stop }: Settings, local: LocalOdds | undefined): Pick<WriteRequest, 'stop'> {
  return stop === 'off' ? {} : { stop: { least: stopLevels[stop], ...(local && { local }) } };
}

/** Promises about holes were made without it. */
function isRescored({ context: { mode }, settings: { rescore, holes } }: Question): boolean {
  return holes === 0 && (rescore === 'always' || (rescore === 'explicit' && mode === 'explicit'));
}

/** Deadlines and manners hold for automatic requests alone. */
function requestOf(
  { context, settings, drafts, open, local }: Question,
  device: string,
): Omit<WriteRequest, 'prompt' | 'fillsIn'> {
  const language = context.document.languageId;
  const automatic = context.mode === 'automatic';
  return {
    program: {
      uri: context.document.uri,
      languageId: language,
      before: context.before,
      after: context.after,
    },
    shape: settings.lines === 'single' ? 'line' : 'by-syntax',
    drafts,
    drafting: settings.drafting,
    nearby: drafts > 1 && settings.drafting === 'superposed' ? nearbyCode(context, open) : [],
    maxTokens: settings.maxTokens,
    ...(automatic && { budgetMs: settings.budgetMs }),
    ...depthOf(settings, device),
    ...(settings.speculation && { speculation: true }),
    // Promises about holes were made for suggestions that run to their end.
    ...(automatic && settings.holes === 0 && stopOf(settings, local)),
    syntax: settings.syntax[language] ?? settings.syntax['*'] ?? true,
    backUp: settings.backUp,
    leastClosing: LEAST_CLOSING[context.mode],
    monitors: monitorsOf(settings, language),
    inComments: !automatic || settings.inComments,
    inStrings: !automatic || settings.inStrings,
  };
}

function monitorsOf({ monitors }: Settings, language: string): MonitorPolicy {
  return monitors[language] ?? monitors['*'] ?? 'check';
}

/** Whether analysis servers are asked about a language. */
export function isMonitored(settings: Settings, language: string): boolean {
  return monitorsOf(settings, language) !== 'off';
}
