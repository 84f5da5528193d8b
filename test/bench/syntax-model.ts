/**
 * What the syntax constraint does to suggestions: the model writes at the same places with it and without it and, where
 * drafts went back, with drafts that do not.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadEngine, type LoadedEngine } from '../../cli/completer.js';
import { completeAt } from '../../language-server/completion/complete-at.js';
import { neighborsIn } from '../../language-server/completion/read-neighbors.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { Settings } from '../../language-server/protocol.js';
import { grammarOf } from '../support/grammars.js';
import type { BenchContext, Figures } from './benchmark.js';
import { languagesOf, type CorpusFile } from './corpus.js';
import { countErrors, hasError } from './syntax-judges.js';
import { comparisonFigures, type Comparison, type Suggested } from './syntax-model-figures.js';
import { byTurns, writingPlaces, type WritingPlace } from './syntax-model-places.js';

const root = path.resolve(import.meta.dirname, '../..');
const languages = ['typescript', 'tsx', 'javascript', 'python'];
/** One of each kind. */
const QUICK_PLACES = 3;
/** What is kept of a suggestion that breaks a file. */
const SHOWN_UNITS = 160;

export interface ComparisonSize {
  /** Most places of each language. */
  readonly places: number;
  readonly promptTokens: number;
}

/** `share`: of the minutes. */
export async function compareSuggestions(
  context: BenchContext,
  size: ComparisonSize,
  share: number,
): Promise<Figures> {
  const { budget, progress, measureEach, options } = context;
  const workerFile = path.join(root, 'dist/worker.mjs');
  if (!existsSync(workerFile)) throw new Error('There is no dist/worker.mjs: run `npm run build`.');
  const places = byTurns(await placesByLanguage(context, budget.quick ? QUICK_PLACES : size.places));
  progress(`syntax: up to ${places.length} places with the model.`);
  const bundle = path.resolve(root, options.bundle ?? 'models/smollm2-135m');
  const load = {
    json: true,
    automatic: false,
    bundle,
    device: 'cpu',
    speculation: true,
    syntax: true,
  } as const;
  let loaded: LoadedEngine | undefined;
  try {
    const compared = await measureEach(
      'model',
      places,
      async (place) => {
        loaded ??= await loadEngine(root, load, () => undefined);
        return compareAt(place, { engine: loaded, promptTokens: size.promptTokens }, context);
      },
      share,
    );
    return comparisonFigures(compared, context);
  } finally {
    await loaded?.close();
  }
}

/** Only files without an error: there, some text at each place leaves none. */
async function placesByLanguage(
  context: BenchContext,
  most: number,
): Promise<readonly (readonly WritingPlace[])[]> {
  const present = languagesOf(context.files).filter((language) => languages.includes(language));
  return Promise.all(
    present.map(async (name) => {
      const language = await grammarOf(name);
      const sound = context.files.filter((file) => file.language === name && !hasError(language, file.text));
      return writingPlaces(context.budget.quick ? shortFirst(sound) : sound, most, context);
    }),
  );
}

/** A quick run has no time for long prompts. */
function shortFirst(files: readonly CorpusFile[]): readonly CorpusFile[] {
  return [...files].sort((a, b) => a.text.length - b.text.length);
}

/** The constrained suggestion is asked for first, so that it has to read the prompt as a new place would. */
async function compareAt(place: WritingPlace, engine: Asked, context: BenchContext): Promise<Comparison> {
  const constrained = await suggestAt(place, { syntax: { '*': true } }, engine, context);
  // The prompt is known by now: what follows costs no more than what it writes.
  const free = await suggestAt(place, { syntax: { '*': false } }, engine, context);
  if (constrained.backedUp === 0) return { constrained, free };
  const straight = await suggestAt(place, { syntax: { '*': true }, backUp: 0 }, engine, context);
  return { constrained, free, straight };
}

interface Asked {
  readonly engine: LoadedEngine;
  readonly promptTokens: number;
}

async function suggestAt(
  place: WritingPlace,
  changed: Partial<Settings>,
  { engine: { engine }, promptTokens }: Asked,
  { corpus }: BenchContext,
): Promise<Suggested> {
  const { before, after, file } = place;
  const text = before + after;
  const { items, silence, cost, trace } = await completeAt({
    text,
    path: file.absolutePath,
    languageId: file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings: {
      ...defaultSettings,
      drafts: 1,
      rescore: 'off',
      monitors: { '*': 'off' },
      promptTokens,
      ...changed,
    },
    engine,
    neighbors: neighborsIn([path.join(corpus, file.group)], []),
  });
  const [item] = items;
  const spent = {
    totalMs: cost.totalMs,
    constraintMs: cost.constraintMs ?? 0,
    steps: cost.steps,
    backedUp: trace.some(({ kind }) => kind === 'backed-up') ? 1 : 0,
    closed: trace.some((entry) => entry.kind === 'note' && entry.text.startsWith('Closed as')) ? 1 : 0,
  };
  const off = trace.flatMap((entry) =>
    entry.kind === 'note' && entry.text.startsWith('The syntax constraint is off') ? [entry.text] : [],
  )[0];
  const told = { ...spent, ...(off !== undefined && { off }) };
  if (!item)
    return { shown: 0, exact: 0, newError: 0, anyError: 0, ...told, silence: silence?.reason ?? 'unknown' };
  const completed = text.slice(0, item.start) + item.text + text.slice(item.end);
  const language = await grammarOf(file.language);
  const errors = countErrors(language, completed);
  return {
    shown: 1,
    exact: isExact(place, completed) ? 1 : 0,
    newError: countErrors(language, text) < errors ? 1 : 0,
    anyError: 0 < errors ? 1 : 0,
    ...told,
    ...(0 < errors && { text: item.text.slice(0, SHOWN_UNITS) }),
  };
}

/** The rest of the cursor's line as it was or, of a block, the whole file; white space at line ends aside. */
function isExact({ kind, before, after, expected }: WritingPlace, completed: string): boolean {
  if (kind === 'block') return withoutLineEnds(completed) === withoutLineEnds(before + expected + after);
  const [line = ''] = completed.slice(before.length).split(/\r?\n/);
  return line.trimEnd() === expected.trimEnd();
}

function withoutLineEnds(text: string): string {
  return text.replace(/[ \t\r]+$/gm, '');
}
