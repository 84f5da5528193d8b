/** The golden prompts that training is checked against are the prompts that the server sends; UPDATE=1 rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { gatherContext } from '../../language-server/completion/completion-context.js';
import { renderPrompt, type Snippet } from '../../language-server/completion/render-prompt.js';

const golden = path.resolve(import.meta.dirname, '../../models/recipe/train/golden-prompts.jsonl');

/** The format of a bundle that the recipe has trained (models/convert/prompt-format.ts, by its vocabulary). */
const marker = { before: '<file_sep>', after: '\n' };
const trained = {
  fillInTheMiddle: { prefix: '<fim_prefix>', suffix: '<fim_suffix>', middle: '<fim_middle>' },
  path: marker,
  snippet: marker,
};

interface Case {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly path: string;
  readonly snippets: readonly { readonly path: string; readonly text: string }[];
  readonly fills: boolean;
  readonly maxTokens: number;
}

const longBefore = Array.from({ length: 90 }, (_, line) => `const value${line} = compute(${line});\n`).join(
  '',
);
const longAfter = Array.from({ length: 60 }, (_, line) => `use(value${line});\n`).join('');
const sibling = { path: 'src/compute.ts', text: 'export function compute(x: number): number;\n\n' };

const cases: readonly Case[] = [
  {
    title: 'a line',
    before: 'const a = ',
    after: ';\n',
    path: 'a.ts',
    snippets: [],
    fills: true,
    maxTokens: 64,
  },
  { title: 'no path', before: 'x = f(', after: ')\n', path: '', snippets: [], fills: true, maxTokens: 64 },
  {
    title: 'an empty file',
    before: '',
    after: '',
    path: 'src/new.py',
    snippets: [],
    fills: true,
    maxTokens: 64,
  },
  {
    title: 'a snippet',
    before: 'compute(',
    after: ')',
    path: 'src/b.ts',
    snippets: [sibling],
    fills: true,
    maxTokens: 128,
  },
  {
    title: 'long on both sides',
    before: longBefore,
    after: longAfter,
    path: 'c.ts',
    snippets: [],
    fills: true,
    maxTokens: 256,
  },
  {
    title: 'long with a snippet',
    before: longBefore,
    after: longAfter,
    path: 'c.ts',
    snippets: [sibling, sibling],
    fills: true,
    maxTokens: 256,
  },
  {
    title: 'one long line',
    before: 'x'.repeat(3_000),
    after: 'y'.repeat(3_000),
    path: 'd.js',
    snippets: [],
    fills: true,
    maxTokens: 128,
  },
  {
    title: 'beyond the first plane',
    before: 'say("😀 ',
    after: '")\n',
    path: 'e.py',
    snippets: [],
    fills: true,
    maxTokens: 64,
  },
  {
    title: 'continuing alone',
    before: longBefore,
    after: longAfter,
    path: 'c.ts',
    snippets: [sibling],
    fills: false,
    maxTokens: 256,
  },
];

function rendered(one: Case): readonly object[] {
  const document = {
    uri: 'untitled:one',
    languageId: 'typescript',
    version: 1,
    text: one.before + one.after,
  };
  const context = gatherContext({ document, offset: one.before.length, mode: 'automatic' });
  const snippets = one.snippets.map((snippet): Snippet => ({ ...snippet, languageId: 'typescript' }));
  const format = one.fills ? trained : { ...trained, fillInTheMiddle: null };
  const { parts } = renderPrompt(context, one.path, snippets, format, one.maxTokens);
  return parts.map((part) =>
    part.kind === 'special'
      ? { special: part.name }
      : { text: part.text, ...(part.trim === undefined ? {} : { trim: part.trim }) },
  );
}

const prompts = cases.map((one) => ({ ...one, parts: rendered(one) }));
if (process.env.UPDATE === '1')
  writeFileSync(golden, prompts.map((prompt) => `${JSON.stringify(prompt)}\n`).join(''));

test.each(prompts)('$title', (prompt) => {
  const lines = readFileSync(golden, 'utf8').trimEnd().split('\n');
  const known = lines.map((line) => JSON.parse(line) as Case);
  expect(known.find((one) => one.title === prompt.title)).toEqual(prompt);
});
