/** What became of promised suggestions: told from the line that stands there later, wherever it has moved. */
import { describe, expect, test } from 'vitest';
import { Aftermath, LOOK_AFTER, type Fate } from '../../language-server/completion/aftermath.js';
import type { Document } from '../../language-server/completion/document.js';

const before = 'function f() {\n  ';
const after = '\n}\n';
const suggested = 'call(a, b);';

/** A watched place in a document that a test changes; all that begins as suggested is allowed. */
function watched(more: { readonly shown?: boolean; readonly text?: string; readonly start?: number } = {}) {
  const { shown = true, text = before + after, start = before.length } = more;
  const fates: Fate[] = [];
  const seen: string[] = [];
  const due: { ms: number; action: () => void }[] = [];
  const aftermath = new Aftermath((ms, action) => void due.push({ ms, action }));
  let version = 0;
  const documentOf = (now: string): Document => ({
    uri: 'file:///a.ts',
    languageId: 't',
    version: ++version,
    text: now,
  });
  const watch = (id: string, now: string, at: number) => {
    aftermath.watch({
      document: documentOf(now),
      start: at,
      id,
      ...(shown && {
        allows: (front: string, written: string, back: string) => {
          seen.push([front, written, back].join('▮'));
          return written.includes('???') ? undefined : written.startsWith('call(a');
        },
      }),
      tell: (fate) => void fates.push(fate),
    });
  };
  watch('1.0', text, start);
  return {
    ...{ aftermath, fates, seen, due, watch },
    become: (now: string) => {
      aftermath.documentChanged(documentOf(now));
    },
    later: () => {
      for (const { action } of due.splice(0)) action();
    },
  };
}

describe('a place', () => {
  test('is looked at after its time, once', () => {
    const { become, later, fates, due } = watched();
    become(before + suggested + after);
    expect(due.map(({ ms }) => ms)).toEqual([LOOK_AFTER]);
    expect(fates).toEqual([]);
    later();
    expect(fates).toEqual(['written']);
    later();
    expect(fates).toHaveLength(1);
  });

  test.each([
    ['accepted and kept', suggested, ['kept']],
    ['accepted, with more behind it', `${suggested} // why`, ['kept']],
    ['accepted and changed afterwards', 'call(x, b);', ['changed']],
    ['accepted, and text that does not parse', '??? (', []],
  ])('%s', (_, written, fate) => {
    const { aftermath, become, later, fates } = watched();
    become(before + suggested + after);
    aftermath.accepted('1.0.holes');
    become(before + written + after);
    later();
    expect(fates).toEqual(fate);
  });

  test.each([
    ['something else was written', 'other();', ['rejected']],
    ['the same was written by hand', suggested, ['written']],
    ['nothing was written', '', []],
  ])('%s without accepting', (_, written, fate) => {
    const { become, later, fates } = watched();
    become(before + written + after);
    later();
    expect(fates).toEqual(fate);
  });

  test('moves with the text before it, and is read without blanks at its end', () => {
    const { become, later, seen, fates } = watched();
    become(`// new\n${before}${after}`);
    become(`// new\n${before}${suggested}  ${after}`);
    become(`// newer\n${before}${suggested}  ${after}`);
    become(`// newer\n${before}${suggested}  ${after}// end`);
    later();
    expect(seen).toEqual([`// newer\n${before}▮${suggested}▮  ${after}// end`]);
    expect(fates).toEqual(['written']);
  });

  test('is lost when its surroundings are replaced, and nothing is told', () => {
    const { become, later, fates } = watched();
    become('all is new');
    later();
    expect(fates).toEqual([]);
  });

  test('was not kept when an accepted line is taken out again', () => {
    const { aftermath, become, fates } = watched();
    become(before + suggested + after);
    aftermath.accepted('1.0');
    become('function f() {\n}\n');
    expect(fates).toEqual(['changed']);
  });

  test('is looked at when its document is closed', () => {
    const { aftermath, become, later, fates } = watched();
    become(before + suggested + after);
    aftermath.documentClosed('file:///other.ts');
    expect(fates).toEqual([]);
    aftermath.documentClosed('file:///a.ts');
    expect(fates).toEqual(['written']);
    later();
    expect(fates).toHaveLength(1);
  });

  test('at which nothing was shown is told at once', () => {
    const { become, later, fates } = watched({ shown: false });
    expect(fates).toEqual(['silent']);
    become(`${before}anything${after}`);
    later();
    expect(fates).toEqual(['silent']);
  });

  test('counts once a line, whatever is suggested there later', () => {
    const { become, later, watch, fates, due } = watched();
    const typed = `${before}ca${after}`;
    become(typed);
    watch('2.0', typed, before.length + 2);
    expect(due).toHaveLength(1);
    become(`${before}other()${after}`);
    later();
    expect(fates).toEqual(['rejected']);
  });

  test('is not begun from a document that has changed since', () => {
    const { become, watch, due } = watched();
    become(`${before}now${after}`);
    watch('2.0', `${before}then\n${after}`, before.length + 5);
    expect(due).toHaveLength(1);
  });

  test('stands in a file with other line ends', () => {
    const text = 'function f() {\r\n  \r\n}\r\n';
    const { become, later, seen } = watched({ text, start: 18 });
    become('function f() {\r\n  call(a)\r\n}\r\n');
    later();
    expect(seen).toEqual(['function f() {\n  ▮call(a)▮\n}\n']);
  });
});
