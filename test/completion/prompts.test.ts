/** Runs `test/cases/prompt`: a program with a cursor and other files, and the prompt that a model reads. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { gatherContext } from '../../language-server/completion/completion-context.js';
import type { Document } from '../../language-server/completion/document.js';
import type { PromptFormat } from '../../language-server/completion/engine.js';
import { windowAfter, windowBefore } from '../../language-server/completion/prompt-window.js';
import { renderPrompt } from '../../language-server/completion/render-prompt.js';
import { displayPath, gatherSnippets, type Neighbors } from '../../language-server/completion/snippets.js';
import type { Prompt } from '../../language-server/tokens/prompt.js';
import { readCases, rewrite, updating, type Case } from '../support/case-file.js';

const CURSOR = '▮';
const none = { before: '', after: '' };
const markers = { before: '<file_sep>', after: '\n' };
const fillInTheMiddle = { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' };
const formats: Readonly<Record<string, PromptFormat>> = {
  comments: { fillInTheMiddle: null, path: none, snippet: none },
  markers: { fillInTheMiddle: null, path: markers, snippet: markers },
  'prefix first': {
    fillInTheMiddle: { ...fillInTheMiddle, order: 'prefix-first' },
    path: { before: '<|file_sep|>', after: '\n' },
    snippet: none,
  },
  begin: {
    begin: '<s>',
    fillInTheMiddle: { prefix: '▁<PRE>', suffix: '▁<SUF>', middle: '▁<MID>', order: 'prefix-first' },
    path: none,
    snippet: none,
  },
  'fill in': { fillInTheMiddle, path: { before: '<|file_sep|>', after: '\n' }, snippet: none },
};

for (const { file, cases } of readCases('prompt')) {
  const outcomes: string[] = [];
  describe(path.basename(file, '.txt'), () => {
    for (const known of cases) {
      test(known.title, async () => {
        const outcome = show(await promptOf(known));
        outcomes.push(outcome);
        if (!updating) expect(outcome).toBe(known.expected);
      });
    }
    afterAll(() => {
      if (updating) rewrite(file, outcomes);
    });
  });
}

async function promptOf({ options, sections }: Case): Promise<Prompt> {
  const program = sections.find(({ name }) => name === 'program')!.text;
  const named = (kind: string) =>
    sections
      .filter(({ name }) => name.startsWith(`${kind} `))
      .map(({ name, text }) => ({ where: `/project/${name.slice(kind.length + 1)}`, text }));
  const languageId = options.language ?? 'typescript';
  const open = named('open').map(({ where, text }) => documentAt(where, languageId, text));
  const files = new Map(named('file').map(({ where, text }) => [where, text]));
  const neighbors: Neighbors = {
    open,
    folders: ['/project'],
    read: (where) => Promise.resolve(files.get(where)),
  };
  const text = program.replace(CURSOR, '');
  const document = documentAt(`/project/${options.file ?? 'example.ts'}`, languageId, text);
  const context = gatherContext({ document, offset: program.indexOf(CURSOR), mode: 'explicit' });
  const tokens = Number(options.tokens ?? 400);
  const { snippets } = await gatherSnippets(context, neighbors, tokens);
  const format = formats[options.format ?? 'comments']!;
  return renderPrompt(context, displayPath(document.uri, neighbors.folders), snippets, format, tokens);
}

function documentAt(where: string, languageId: string, text: string): Document {
  return { uri: pathToFileURL(where).href, languageId, version: 1, text };
}

/** Special tokens in ⟪⟫, `⋮` where a part may lose tokens, and the end marked. */
function show({ parts }: Prompt): string {
  const shown = parts.map((part) => {
    if (part.kind === 'special') return `⟪${part.name}⟫`;
    return `${part.trim === 'start' ? '⋮' : ''}${part.text}${part.trim === 'end' ? '⋮' : ''}`;
  });
  return `${shown.join('')}⟦end⟧`;
}

describe('the window of a long file', () => {
  const lines = Array.from({ length: 2000 }, (_, line) => `const value${line} = compute(${line});\n`);
  const text = lines.join('');
  const most = 3000;

  test('holds between half of its size and all of it, and begins at a line', () => {
    for (let offset = 0; offset < text.length; offset += 37) {
      const window = windowBefore(text.slice(0, offset), most);
      expect(window.length).toBeLessThanOrEqual(most);
      expect(window.length).toBeGreaterThanOrEqual(Math.min(offset, most / 2 - 50));
      expect(text.slice(0, offset).endsWith(window)).toBe(true);
      expect(window === '' || window.startsWith('const') || offset < 40).toBe(true);
    }
  });

  test('moves once in half its size while somebody types', () => {
    let moves = 0;
    let start = 0;
    for (let offset = 20_000; offset < 20_000 + 10 * most; offset++) {
      const now = offset - windowBefore(text.slice(0, offset), most).length;
      if (now !== start) moves++;
      start = now;
    }
    expect(moves).toBeLessThanOrEqual(21);
  });

  test('never cuts a character in two, even in one long line', () => {
    const astral = '😀'.repeat(5000);
    for (let offset = 2; offset < 10_000; offset += 2) {
      const before = windowBefore(astral.slice(0, offset), 1001);
      expect(before.charCodeAt(0) >= 0xdc00 && before.charCodeAt(0) < 0xe000).toBe(false);
      const after = windowAfter(astral.slice(offset), 1001);
      expect(after === '' || after.charCodeAt(after.length - 1) >= 0xdc00).toBe(true);
    }
  });

  test('after the cursor holds whole lines', () => {
    expect(windowAfter('one\ntwo\nthree\n', 9)).toBe('one\ntwo\n');
    expect(windowAfter('one\ntwo\n', 9)).toBe('one\ntwo\n');
  });
});
