/** The pipeline with highlighted entries, with an engine that is not there, and with bad input. */
import { describe, expect, test } from 'vitest';
import { editorAt } from '../support/editor-at.js';
import { engineOf } from '../support/scripted-writer.js';
import { open, openStepwise, texts } from '../support/scripted-editor.js';

describe('with an entry of the suggest widget highlighted', () => {
  const rules = [{ after: 'console.log', drafts: ['(value);'] }];
  const selected = { start: 0, end: 3, text: 'console.log' };

  test('begins with its text and replaces its range', async () => {
    const { editor, writer } = open('con▮\n', rules);
    const { items } = await editor.ask('automatic', undefined, selected);
    expect(items).toMatchObject([{ text: 'console.log(value);', start: 0, end: 3 }]);
    expect(writer.requests[0]!.program.before).toBe('console.log');
  });

  test('asks anew for another entry', async () => {
    const { editor, writer } = open('con▮\n', rules);
    await editor.ask('automatic', undefined, selected);
    await editor.ask('automatic', undefined, { ...selected, text: 'confirm' });
    expect(writer.requests).toHaveLength(2);
  });

  test('is quiet about an entry for another place', async () => {
    const { editor } = open('const a = con▮\n', rules);
    const { silence } = await editor.ask('automatic', undefined, selected);
    expect(silence?.reason).toBe('selection-mismatch');
  });

  test('is quiet about an entry for several lines', async () => {
    const { editor } = open('co\r\nn▮\n', rules);
    const { silence } = await editor.ask('automatic', undefined, { ...selected, end: 5 });
    expect(silence?.reason).toBe('selection-mismatch');
  });
});

describe('an engine that is not there', () => {
  test('is told while it loads', async () => {
    const editor = editorAt('const a = ▮', { kind: 'loading', what: 'model', fraction: 0.25 });
    expect((await editor.ask()).silence).toEqual({ reason: 'loading', detail: 'model (25 %)' });
  });

  test('is told when it cannot be used', async () => {
    const editor = editorAt('const a = ▮', {
      kind: 'unavailable',
      problem: 'No bundle.',
      remedy: 'Convert one.',
    });
    expect((await editor.ask('explicit')).silence).toEqual({
      reason: 'unavailable',
      detail: 'No bundle. Convert one.',
    });
  });

  test('breaking down is told to the user and to whoever looks after it', async () => {
    const broken = { write: () => Promise.reject(new Error('The engine stopped.')) };
    const editor = editorAt('const a = ▮', engineOf(broken));
    expect((await editor.ask()).silence).toEqual({ reason: 'unavailable', detail: 'The engine stopped.' });
    expect(editor.failures).toHaveLength(1);
  });
});

describe('bad input', () => {
  const rules = [{ after: '', drafts: ['word();'] }];

  test('a file of 5 MB is too large', async () => {
    const { editor } = open(`${'const a = 1;\n'.repeat(400_000)}▮`, rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('too-large');
  });

  test('a line of 100,000 columns is too large', async () => {
    const { editor } = open(`${'a+'.repeat(50_000)}▮`, rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('too-large');
  });

  test('null characters make a file binary', async () => {
    const { editor } = open('const a\0 = ▮', rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('binary');
  });

  test('a byte order mark is not part of the text', async () => {
    const { editor, writer } = open('\uFEFFconst a = ▮', rules);
    const { items } = await editor.ask();
    expect(writer.requests[0]!.program.before).toBe('const a = ');
    expect(items[0]!.start).toBe('\uFEFFconst a = '.length);
  });

  test('characters outside the basic plane keep their place', async () => {
    const { editor } = open('const 𝒜 = "😀" + ▮', rules);
    const { items } = await editor.ask();
    expect(items).toMatchObject([{ text: 'word();', start: 18, end: 18 }]);
  });

  test('half of a surrogate pair does no harm', async () => {
    const { editor } = open('const a = "\ud83d" + ▮', rules);
    expect(texts(await editor.ask())).toEqual(['word();']);
  });

  test('a thousand requests cancelled in a burst ask the model at most once', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮', rules);
    const asked = Array.from({ length: 1000 }, () => {
      const abort = new AbortController();
      const answer = editor.ask('automatic', abort.signal);
      abort.abort();
      return answer;
    });
    const answers = await Promise.all(asked);
    expect(answers.every(({ silence }) => silence?.reason === 'cancelled')).toBe(true);
    expect(writer.requests.length).toBeLessThanOrEqual(1);
    const last = editor.ask();
    await advance(5);
    expect(texts(await last)).toEqual(['word();']);
  });
});
