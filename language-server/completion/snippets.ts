/** What other files have to say about the place: signatures of imports, and open files that look alike. */
import { fileURLToPath } from 'node:url';
import type { CompletionContext } from './completion-context.js';
import { normalize } from './completion-context.js';
import type { Document } from './document.js';
import { importedFiles } from './imported-files.js';
import { CHARACTERS_PER_TOKEN, SNIPPETS_SHARE, type Snippet } from './render-prompt.js';
import { signatures } from './signatures.js';
import { similarSnippets } from './similar-snippets.js';

/** Other files as far as the editor has them open or the workspace lets us read them. */
export interface Neighbors {
  readonly open: readonly Document[];
  /** Absolute folders of the workspace. Nothing outside them is read. */
  readonly folders: readonly string[];
  /** The text of a file, or undefined when it is absent, larger than `maxBytes`, or outside the folders. */
  read(path: string, maxBytes: number): Promise<string | undefined>;
}

export const noNeighbors: Neighbors = { open: [], folders: [], read: () => Promise.resolve(undefined) };

const MAX_IMPORTS = 6;
const MAX_BYTES = 100_000;
/** Reading for an automatic suggestion is given up after this; what is there by then counts. */
const MAX_MS = 60;
/** Shares of the snippets' budget. */
const IMPORTS_SHARE = 0.5;
const MAX_SIMILAR = 3;

/** The path of a document as the model should see it: relative to the workspace, with `/`. */
export function displayPath(uri: string, folders: readonly string[]): string {
  const path = pathOf(uri);
  if (path === undefined) return uri.slice(uri.lastIndexOf('/') + 1).replace(/^.*:|#.*$/g, '');
  const folder = folders.map(withSlashes).find((candidate) => path.startsWith(`${candidate}/`));
  return folder === undefined ? path.slice(path.lastIndexOf('/') + 1) : path.slice(folder.length + 1);
}

/** What has been gathered, and whether nothing was left out for want of time. */
export interface Gathered {
  readonly snippets: readonly Snippet[];
  readonly whole: boolean;
}

/** Snippets within their share of the prompt: imports first, then what looks alike, best last. */
export async function gatherSnippets(
  context: CompletionContext,
  neighbors: Neighbors,
  promptTokens: number,
): Promise<Gathered> {
  const budget = Math.floor(promptTokens * SNIPPETS_SHARE * CHARACTERS_PER_TOKEN);
  const { snippets: imports, whole } = await importSnippets(
    context,
    neighbors,
    Math.floor(budget * IMPORTS_SHARE),
  );
  const left = budget - imports.reduce((sum, { text }) => sum + text.length, 0);
  const used = new Set(imports.map(({ path }) => path));
  const others = neighbors.open.filter(
    ({ uri }) => uri !== context.document.uri && !used.has(displayPath(uri, neighbors.folders)),
  );
  const similar = similarSnippets(context.before.slice(-4_000), others).slice(0, MAX_SIMILAR);
  const kept: Snippet[] = [];
  let length = 0;
  for (const { document, text } of similar) {
    if (left < length + text.length) continue;
    length += text.length;
    const path = displayPath(document.uri, neighbors.folders);
    kept.unshift({ path, languageId: document.languageId, text });
  }
  return { snippets: [...imports, ...kept], whole };
}

/**
 * Snippets stay while the user types: they stand early in the prompt, so changing them costs reading all of it again.
 * They are gathered anew for another file, another import, or another part of a long file, and where a slow disk has
 * left some out.
 */
export class StickySnippets {
  private readonly known = new Map<string, Promise<Gathered>>();

  async gather(
    context: CompletionContext,
    neighbors: Neighbors,
    tokens: number,
  ): Promise<readonly Snippet[]> {
    const key = keyOf(context, neighbors.folders, tokens);
    const gathering = this.known.get(key) ?? gatherSnippets(context, neighbors, tokens);
    this.known.delete(key);
    this.known.set(key, gathering);
    const [oldest] = this.known.keys();
    if (PLACES < this.known.size && oldest !== undefined) this.known.delete(oldest);
    const { snippets, whole } = await gathering;
    if (!whole && this.known.get(key) === gathering) this.known.delete(key);
    return snippets;
  }
}

/** Places whose snippets are kept, and the length of a place in characters. */
const PLACES = 16;
const PLACE_LENGTH = 4_096;

function keyOf({ document, before }: CompletionContext, folders: readonly string[], tokens: number): string {
  const path = pathOf(document.uri) ?? '';
  const imports = importedFiles(before.slice(0, 20_000), document.languageId, path, folders[0] ?? '');
  return [
    document.uri,
    ...folders,
    tokens,
    Math.floor(before.length / PLACE_LENGTH),
    ...imports.map(([first]) => first),
  ].join('\n');
}

async function importSnippets(
  { document, before, mode }: CompletionContext,
  neighbors: Neighbors,
  budget: number,
): Promise<Gathered> {
  const none = { snippets: [], whole: true };
  const path = pathOf(document.uri);
  if (path === undefined) return none;
  const root = neighbors.folders.map(withSlashes).find((folder) => path.startsWith(`${folder}/`));
  if (root === undefined) return none;
  const places = importedFiles(before.slice(0, MAX_BYTES), document.languageId, path, root).slice(
    0,
    MAX_IMPORTS,
  );
  const deadline = mode === 'automatic' ? Date.now() + MAX_MS : Infinity;
  const snippets: Snippet[] = [];
  let whole = true;
  let length = 0;
  for (const candidates of places) {
    const found = await firstReadable(candidates, neighbors, deadline);
    if (found === 'late') whole = false;
    if (found === undefined || found === 'late') continue;
    const share = Math.floor((budget - length) / 2);
    const text = signatures(normalize(found.text), document.languageId, share);
    if (text === '' || snippets.some((other) => other.text === text)) continue;
    length += text.length;
    snippets.push({ path: found.path.slice(root.length + 1), languageId: document.languageId, text });
  }
  return { snippets, whole };
}

async function firstReadable(
  candidates: readonly string[],
  neighbors: Neighbors,
  deadline: number,
): Promise<{ path: string; text: string } | 'late' | undefined> {
  for (const path of candidates) {
    if (deadline < Date.now()) return 'late';
    const opened = neighbors.open.find(({ uri }) => pathOf(uri) === path);
    if (opened) return { path, text: opened.text };
    const read = await within(
      deadline,
      neighbors.read(path, MAX_BYTES).then((text) => ({ text })),
    );
    if (read === undefined) return 'late';
    if (read.text !== undefined) return { path, text: read.text };
  }
  return undefined;
}

/** A disk far away may never answer. */
async function within<T>(deadline: number, promise: Promise<T>): Promise<T | undefined> {
  if (deadline === Infinity) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(deadline - Date.now(), 0), undefined);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return withSlashes(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/$/, '');
}
