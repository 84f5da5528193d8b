/** Snippet mode as the server infers it: when it begins, what it bears, and how it ends. */
import { describe, expect, test } from 'vitest';
import { gatherContext } from '../../language-server/completion/completion-context.js';
import type { Document } from '../../language-server/completion/document.js';
import { Filling } from '../../language-server/completion/filling.js';
import type { Completion } from '../../language-server/completion/present.js';

const documentOf = (text: string, uri = 'file:///a.ts'): Document => ({
  uri,
  languageId: 'typescript',
  version: 1,
  text,
});

/** An item put in between `before` and `after`, accepted at time 0; `snippet` shows `text`. */
function accepted(text: string, snippet: string, by: 'command' | 'text' | 'typing' = 'command') {
  const before = 'a;\n';
  const after = '\nb;\n';
  const draft = { text, tokens: [], logProb: 0, ending: 'line' } as const;
  const item: Completion = { id: '1.0.holes', text, start: 3, end: 3, draft, snippet };
  const filling = new Filling();
  filling.show(documentOf(before + after), [item]);
  if (by === 'command') filling.accept('1.0.holes', 0);
  else filling.documentChanged(documentOf(before + (by === 'text' ? text : text.slice(0, 2)) + after), 0);
  const change = (now: string, time = 0) => {
    filling.documentChanged(documentOf(before + now + after), time);
  };
  /** With the cursor at `▮`. */
  const isAt = (now: string, time = 0, uri?: string) => {
    const program = documentOf(before + now.replace('▮', '') + after, uri);
    return filling.isAt(
      gatherContext({ document: program, offset: before.length + now.indexOf('▮'), mode: 'automatic' }),
      time,
    );
  };
  return { filling, change, isAt };
}

const text = 'f(x, y);';
const snippet = 'f(${1:x}, ${2:y});${0}';

describe('filling', () => {
  test.each(['command', 'text'] as const)('begins by the %s', (by) => {
    expect(accepted(text, snippet, by).isAt('f(x▮, y);')).toBe(true);
  });

  test('begins neither while a suggestion is typed, nor with a snippet without holes', () => {
    expect(accepted(text, snippet, 'typing').isAt('f(▮')).toBe(false);
    expect(accepted(text, 'f(x, y);${0}').isAt('f(x▮, y);')).toBe(false);
  });

  test('goes on through edits of the line', () => {
    const { change, isAt } = accepted(text, snippet);
    change('f(long, y);');
    expect(isAt('f(long▮, y);')).toBe(true);
    change('f(long, other);');
    expect(isAt('f(long, other▮);')).toBe(true);
  });

  test('ends at the last stop for good', () => {
    const { isAt } = accepted(text, snippet);
    expect(isAt('f(x, y);▮')).toBe(false);
    expect(isAt('f(x, y▮);')).toBe(false);
  });

  test('goes on at the end when a hole stands there', () => {
    const { change, isAt } = accepted('f(x', 'f(${1:x}${0}');
    expect(isAt('f(x▮')).toBe(true);
    change('f(long');
    expect(isAt('f(long▮')).toBe(true);
    change('f(long\n');
    expect(isAt('f(long\n▮')).toBe(false);
  });

  test('ends when text around it changes, when the document closes, and after a while', () => {
    const first = accepted(text, snippet);
    first.filling.documentChanged(documentOf(`new a;\n${text}\nb;\n`), 0);
    expect(first.isAt('f(x▮, y);')).toBe(false);
    const second = accepted(text, snippet);
    second.filling.documentClosed('file:///a.ts');
    expect(second.isAt('f(x▮, y);')).toBe(false);
    const third = accepted(text, snippet);
    third.change('f(z, y);', 20_000);
    expect(third.isAt('f(z▮, y);', 49_000)).toBe(true);
    expect(third.isAt('f(z▮, y);', 50_000)).toBe(false);
  });

  test('holds for its own document alone', () => {
    const { isAt } = accepted(text, snippet);
    expect(isAt('f(x▮, y);', 0, 'file:///b.ts')).toBe(false);
    expect(isAt('f(x▮, y);')).toBe(true);
  });
});
