/** From LSP to our own values. */
import { fileURLToPath } from 'node:url';
import {
  InlineCompletionTriggerKind,
  type CancellationToken,
  type InitializeParams,
  type InlineCompletionParams,
  type WorkspaceFoldersChangeEvent,
} from 'vscode-languageserver/node';
import { z } from 'zod';
import type { Mode, Place } from '../completion/completion-context.js';
import type { Document } from '../completion/document.js';
import { defaultSettings } from '../default-settings.js';
import { draftingNames, exitsNames, rescoreNames, stopNames, type Settings } from '../protocol.js';
import { toOffset, type PositionEncoding } from './positions.js';

export function modeOf({ context }: InlineCompletionParams): Mode {
  return context.triggerKind === InlineCompletionTriggerKind.Automatic ? 'automatic' : 'explicit';
}

/** The place that a request names, or undefined when it lies outside the document. */
export function fromParams(
  params: InlineCompletionParams,
  document: Document,
  encoding: PositionEncoding,
): Place | undefined {
  const offset = toOffset(document, params.position, encoding);
  if (offset === undefined) return undefined;
  const mode = modeOf(params);
  const { selectedCompletionInfo: selected } = params.context;
  if (!selected) return { document, offset, mode };
  const start = toOffset(document, selected.range.start, encoding);
  const end = toOffset(document, selected.range.end, encoding);
  if (start === undefined || end === undefined) return undefined;
  return { document, offset, mode, selected: { start, end, text: selected.text } };
}

export function toSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else
    token.onCancellationRequested(() => {
      controller.abort();
    });
  return controller.signal;
}

/** Absolute folders of the workspace, as far as they are on this machine. */
export function foldersOf({ workspaceFolders, ...params }: InitializeParams): readonly string[] {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Old clients send nothing else.
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
  return pathsOf(uris);
}

/** The folders after some were opened and others closed. */
export function foldersAfter(
  folders: readonly string[],
  { added, removed }: WorkspaceFoldersChangeEvent,
): readonly string[] {
  const gone = new Set(pathsOf(removed.map(({ uri }) => uri)));
  return [...folders.filter((folder) => !gone.has(folder)), ...pathsOf(added.map(({ uri }) => uri))];
}

/** Whether a suggestion may be a snippet: our own client takes them, others say so where they speak of completions. */
export function takesSnippets({ capabilities }: InitializeParams, isOurs: boolean): boolean {
  return isOurs || capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
}

function pathsOf(uris: readonly string[]): readonly string[] {
  return uris.filter((uri) => uri.startsWith('file:')).map((uri) => fileURLToPath(uri));
}

const switches = z.record(z.string(), z.boolean());
const count = z.int().nonnegative();
const shapes: { readonly [K in keyof Settings]: z.ZodType<Settings[K]> } = {
  enable: z.boolean(),
  languages: switches,
  trigger: z.enum(['automatic', 'manual']),
  delayMs: count,
  budgetMs: z.int().positive(),
  maxTokens: z.int().positive(),
  promptTokens: z.int().positive(),
  lines: z.enum(['auto', 'single']),
  drafts: z.int().positive(),
  drafting: z.enum(draftingNames),
  inComments: z.boolean(),
  inStrings: z.boolean(),
  prepareNext: z.boolean(),
  readAhead: z.boolean(),
  syntax: switches,
  backUp: z.number().min(0),
  monitors: z.record(z.string(), z.enum(['check', 'always', 'off'])),
  analysisServers: z.record(z.string(), z.array(z.string())),
  holes: z.number().min(0).lt(1),
  maxHoles: z.int().positive(),
  stop: z.enum(stopNames),
  rescore: z.enum(rescoreNames),
  exits: z.enum(exitsNames),
  depthCaps: z.record(z.string(), z.int().positive()),
  speculation: z.boolean(),
  bundle: z.string(),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'wasm']),
  unloadMinutes: count,
  threads: count,
  mirror: z.string(),
};

export interface ReadSettings {
  readonly settings: Settings;
  /** One sentence for each setting that cannot be used. */
  readonly problems: readonly string[];
}

/** Settings from outside: what is missing or cannot be used is as it is by default. */
export function readSettings(value: unknown): ReadSettings {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  const problems: string[] = [];
  const read: Record<string, unknown> = { ...defaultSettings };
  for (const [name, shape] of Object.entries(shapes)) {
    if (given[name] === undefined) continue;
    const parsed = shape.safeParse(given[name]);
    if (parsed.success) read[name] = parsed.data;
    else problems.push(`The setting candor.${name} cannot be used: ${parsed.error.issues[0]!.message}.`);
  }
  return { settings: read as unknown as Settings, problems };
}

const options = z.object({
  settings: z.unknown().optional(),
  trusted: z.boolean().optional(),
  defaultBundle: z.string().optional(),
  grammars: z.string().optional(),
  storage: z.string().optional(),
});

export interface ReadOptions extends ReadSettings {
  /** Whether the client is our own extension, or speaks like it: it gets states and forwards accepts. */
  readonly isOurs: boolean;
  readonly trusted: boolean;
  readonly defaultBundle?: string;
  readonly grammars?: string;
  readonly storage?: string;
}

/** `initializationOptions`: complete from our own client, anything or nothing from others. */
export function readOptions(value: unknown): ReadOptions {
  const parsed = options.safeParse(value);
  const given = parsed.success ? parsed.data : {};
  const { defaultBundle, grammars, storage } = given;
  return {
    ...readSettings(given.settings),
    isOurs: defaultBundle !== undefined,
    trusted: given.trusted ?? true,
    ...(defaultBundle !== undefined && { defaultBundle }),
    ...(grammars !== undefined && { grammars }),
    ...(storage !== undefined && { storage }),
  };
}
