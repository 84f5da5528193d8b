/** Cases for judging a model: lines of real files, after the text that leads up to them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Some text and the lines that follow it. Each line worth foreseeing is a case, foreseen from the true text before it. */
export interface CodePassage {
  readonly language: Language;
  readonly file: string;
  /** Text before the lines, from the start of a line on; ends with a line break. */
  readonly before: string;
  /** What follows, up to the last case's line break. */
  readonly after: string;
  /** The cases as ranges of characters of `after`, without indentation and line break. */
  readonly cases: readonly (readonly [start: number, end: number])[];
}

/** Cases of one passage: reading it costs little more than for one. */
export const CASES_A_PASSAGE = 8;

export const LANGUAGES = ['typescript', 'tsx', 'javascript', 'python'] as const;
export type Language = (typeof LANGUAGES)[number];

const ENDINGS: Readonly<Record<string, Language>> = {
  '.ts': 'typescript',
  '.tsx': 'tsx',
  '.js': 'javascript',
  '.py': 'python',
};

/** About 320 tokens of code; callers keep the last ones that fit. */
const CONTEXT_CHARACTERS = 1100;
const MOST_CHARACTERS = 700;

/** `count` passages, each language equally often; the same seed gives the same passages in the same order. */
export function codePassages(folders: readonly string[], count: number, seed = 1): CodePassage[] {
  const files = folders.flatMap((folder) => sourceFiles(folder));
  const random = generator(seed);
  const perLanguage = LANGUAGES.map((language) => {
    const own = files.filter((file) => file.language === language);
    const places = own.flatMap((file) => placesIn(file));
    return shuffle(places, random).slice(0, Math.ceil(count / LANGUAGES.length));
  });
  // Languages take turns, so that any number of first cases is a fair sample.
  return Array.from(
    { length: count },
    (_, index) => perLanguage[index % LANGUAGES.length]?.[Math.floor(index / LANGUAGES.length)],
  )
    .filter((place) => place !== undefined)
    .map((place) => place());
}

export interface SourceFile {
  readonly path: string;
  readonly name: string;
  readonly language: Language;
}

/** Hand-written sources only: not what a package was compiled to. */
export function sourceFiles(root: string): SourceFile[] {
  const skip =
    /(^|\/)(dist|esm|cjs|build|node_modules|umd|bundles|__tests__|tests?|_vendor|locales|v3)(\/|$)|\.d\.ts$|\.min\.js$|\.test\.|\.spec\./;
  const found: SourceFile[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder).sort()) {
      const path = join(folder, entry);
      const name = relative(root, path).replaceAll('\\', '/');
      if (skip.test(name)) continue;
      if (statSync(path).isDirectory()) visit(path);
      else {
        const language = ENDINGS[/\.\w+$/.exec(entry)?.[0] ?? ''];
        if (language !== undefined) found.push({ path, name: name.replace(/^package\//, ''), language });
      }
    }
  };
  visit(root);
  return found;
}

/** The places of a file where enough cases follow enough text, each as a recipe for its passage. */
function placesIn({ path, name, language }: SourceFile): (() => CodePassage)[] {
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  const worthy = [...linesOf(text)].filter(
    ({ start, line }) => start >= CONTEXT_CHARACTERS && isWorthForeseeing(line),
  );
  return worthy.slice(0, 1 - CASES_A_PASSAGE).flatMap(({ start }, index) => {
    const chosen = worthy.slice(index, index + CASES_A_PASSAGE);
    const last = chosen.at(-1)!;
    const end = last.start + last.line.length + 1;
    if (end - start > MOST_CHARACTERS || end > text.length) return [];
    return () => ({
      language,
      file: name,
      before: text.slice(text.indexOf('\n', start - CONTEXT_CHARACTERS) + 1, start),
      after: text.slice(start, end),
      cases: chosen.map((entry) => {
        const from = entry.start - start;
        return [from + entry.line.search(/\S/), from + entry.line.length] as const;
      }),
    });
  });
}

function* linesOf(text: string): Generator<{ start: number; line: string }> {
  let start = 0;
  for (const line of text.split('\n')) {
    yield { start, line };
    start += line.length + 1;
  }
}

/** Neither nearly empty, nor a comment, nor endless. */
function isWorthForeseeing(line: string): boolean {
  return line.trim().length >= 6 && line.length <= 120 && !/^\s*(\*|\/\/|\/\*|#)/.test(line);
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}

/** Numbers from 0 to 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
