/** What is asked ahead while somebody types: where, and that it is not asked again. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { placeTypedAt } from '../../language-server/lsp/typed-place.js';
import { isNames, questionAt, type Answer } from '../../language-server/monitors/questions.js';
import { openAnalysis, type CountedAnalysis } from '../../language-server/open-analysis.js';
import { faultyRow } from '../support/analysis-of.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'candor-ahead-'));
const opened: CountedAnalysis[] = [];
function analysisWith(fault: string): CountedAnalysis {
  const needs = {
    folders: () => [folder],
    trusted: () => true,
    commands: () => ({}),
    documents: () => [],
    changed: () => undefined,
  };
  const one = openAnalysis(needs, { serverFor: () => faultyRow(fault, path.join(folder, 'pids.txt')) });
  opened.push(one);
  return one;
}
const analysis = analysisWith('counts');
afterAll(async () => {
  for (const one of opened) await one.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const program = (before: string) => ({
  uri: pathToFileURL(path.join(folder, 'a.ts')).href,
  languageId: 'typescript',
  before,
  after: '\n',
});

/** @param back characters before the cursor that belong to the name. */
async function membersAt(before: string, asked = analysis, back = 0): Promise<readonly string[]> {
  const question = questionAt('members', { written: '', back, closers: '' });
  const answer = (await asked.answer(question, program(before), new AbortController().signal)) as Answer;
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

describe('once the text has changed', () => {
  const changedTo = (text: string) => ({ ...program(''), version: 2, text });

  test('which errors it had holds nobody up; the members at the place are not asked for once more', async () => {
    const one = analysisWith('waits-for-names');
    one.ahead(program('one.'));
    one.changed(changedTo('one.a\n'));
    expect(await membersAt('two.', one)).toEqual(['asked2']);
    expect(await membersAt('one.a', one, 1)).toEqual(['asked1']);
  });

  test('so that the place is gone, nothing is asked; asked again there, it is', async () => {
    const one = analysisWith('waits-for-names');
    one.ahead(program('one.'));
    one.changed(changedTo('one\n'));
    const again = membersAt('one.', one);
    expect(await membersAt('two.', one)).toEqual(['asked2']);
    expect(await again).toEqual(['asked1']);
  });

  test('in another document, all goes on', async () => {
    const one = analysisWith('counts');
    one.ahead(program('one.'));
    one.changed({ ...changedTo('other\n'), uri: 'file:///other.ts' });
    expect(await membersAt('two.', one)).toEqual(['asked2']);
  });
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
