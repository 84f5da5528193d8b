/** What is asked ahead while somebody types: where, and that it is not asked again. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { placeTypedAt } from '../../language-server/lsp/typed-place.js';
import { isNames, questionAt, type Answer } from '../../language-server/monitors/questions.js';
import { openAnalysis } from '../../language-server/open-analysis.js';
import { faultyRow } from '../support/analysis-of.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'candor-ahead-'));
const analysis = openAnalysis(
  {
    folders: () => [folder],
    trusted: () => true,
    commands: () => ({}),
    documents: () => [],
    changed: () => undefined,
  },
  { serverFor: () => faultyRow('counts', path.join(folder, 'pids.txt')) },
);
afterAll(async () => {
  await analysis.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const program = (before: string) => ({
  uri: pathToFileURL(path.join(folder, 'a.ts')).href,
  languageId: 'typescript',
  before,
  after: '\n',
});

async function membersAt(before: string): Promise<readonly string[]> {
  const question = questionAt('members', { written: '', back: 0, closers: '' });
  const answer = (await analysis.answer(question, program(before), new AbortController().signal)) as Answer;
  return isNames(answer) ? answer.names.map(({ text }) => text) : [];
}

test('after a dot the server is asked at once, and what it said is there when it is needed', async () => {
  analysis.ahead(program('one.'));
  expect(await membersAt('two.')).toEqual(['asked2']);
  expect(await membersAt('one.')).toEqual(['asked1']);
});

test('elsewhere nothing is asked', async () => {
  analysis.ahead(program('three'));
  expect(await membersAt('four.')).toEqual(['asked3']);
});

describe('where somebody types', () => {
  const document = { uri: 'file:///a.ts', languageId: 'typescript', version: 2, text: 'let a;\na.\n' };
  const at = (line: number, character: number) => ({ line, character });
  const typed = (text: string, start = at(1, 1)) => [{ text, range: { start, end: start } }];

  test('a sign: the text around its end', () => {
    expect(placeTypedAt(document, typed('.'), 'utf-16')).toEqual({
      uri: document.uri,
      languageId: 'typescript',
      before: 'let a;\na.',
      after: '\n',
    });
  });

  test.each([
    ['a letter', typed('b')],
    ['much at once', typed('a.b.c.')],
    ['a new text', [{ text: 'a.' }]],
    ['several places', [...typed('.'), ...typed('.')]],
  ])('%s: nothing', (_, changes) => {
    expect(placeTypedAt(document, changes, 'utf-16')).toBeUndefined();
  });
});
