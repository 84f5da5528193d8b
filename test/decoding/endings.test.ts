/** Where a text is complete: lines, statements by indentation, repetitions of what follows, loops. */
import { describe, expect, test } from 'vitest';
import type { DraftToken } from '../../language-server/decoding/draft.js';
import { indentedEnds } from '../../language-server/decoding/endings/indented-end.js';
import { lineEnds } from '../../language-server/decoding/endings/line-end.js';
import { placeOf } from '../../language-server/decoding/endings/place.js';
import { loopStart } from '../../language-server/decoding/endings/repetition.js';
import { suffixEnd } from '../../language-server/decoding/endings/suffix-end.js';

function place(before: string, after = '') {
  return placeOf({ languageId: 'x', before, after });
}

describe('a line', () => {
  test.each([
    ['x = ', '1', undefined],
    ['x = ', '1\n', '1'],
    ['x = ', '1\r\ny', '1'],
    ['', '\n\ncode();\nmore', '\n\ncode();'],
    ['    ', 'code();\n', 'code();'],
    ['done();', '\nmore', ''],
  ])('after %j, of %j, is %j', (before, written, line) => {
    const [first] = lineEnds(written, place(before));
    expect(first && written.slice(0, first.keep)).toBe(line);
  });

  test('later lines follow, for where the first may not end', () => {
    expect(lineEnds('f(\n1,\n2)\n', place('x = ')).map((end) => end.keep)).toEqual([2, 5, 4, 8]);
  });
});

describe('a statement by indentation', () => {
  test.each([
    ['one line', '', 'f();\nmore', 'f();', 'statement'],
    ['not yet', '', 'f();', undefined, undefined],
    ['an open bracket', '', 'f(\n  1,\n);\nmore', 'f(\n  1,\n);', 'block'],
    ['an indented block', '', 'if x:\n    y()\n    z()\nmore', 'if x:\n    y()\n    z()', 'block'],
    ['its else', '', 'if x:\n    y()\nelse:\n    z()\nmore', 'if x:\n    y()\nelse:\n    z()', 'block'],
    ['what may become an else', '', 'if x:\n    y()\nel', undefined, undefined],
    ['blank lines within', '', 'if x:\n    y()\n\n    z()\nmore', 'if x:\n    y()\n\n    z()', 'block'],
    ['braces', '  ', 'while (x) {\n    y();\n  }\n  more', 'while (x) {\n    y();\n  }', 'block'],
    ['a block opened before the cursor', 'def f():', '\n    return 1\n\nmore', '\n    return 1', 'block'],
    ['the same with braces', 'function f() {', '\n  return 1;\n}\nmore', '\n  return 1;\n}', 'block'],
  ])('%s', (_, before, written, text, ending) => {
    const [end] = indentedEnds(written, place(before));
    expect(end && written.slice(0, end.keep)).toBe(text);
    expect(end?.ending).toBe(ending);
  });
});

describe('what stands after the cursor', () => {
  test.each([
    ['a bracket that closes', 'f(', ')', 'a, b)', 'a, b'],
    ['not one that the draft opened', 'f(', ')', 'g(a)', undefined],
    ['the one after that', 'f(', ')', 'g(a))', 'g(a)'],
    ['a quote', "f('", "')", "name')", 'name'],
    ['not an escaped one', "f('", "')", "it\\'s", undefined],
    ['a bracket inside a string is text', 'f(', ')', "':)', x", undefined],
    ['a semicolon', 'x = ', ';', '1;', '1'],
    ['other text, whole', 'x = ', ' + y', '1 + y', '1'],
    ['the next line', '  ', '\n  return total;\n', 'sum();\n  return total;\n', 'sum();'],
    ['not while it is unfinished', '  ', '\n  return total;\n', 'sum();\n  return total;', undefined],
    ['not with other indentation', '', '\n}\n', 'if (x) {\n  y();\n  }\n', undefined],
    ['blank lines before it', '', '\n\n}\n', 'x();\n}\n', 'x();'],
    ['CRLF', '', '\r\n}\r\n', 'x();\r\n}\r\n', 'x();'],
    ['a bracket on a later line', 'f(', ')', '{\n  a: g(1),\n})', '{\n  a: g(1),\n}'],
    ['the rest of its own line', '', '  }\n}\n', '    x();\n  }\n', '    x();\n'],
    ['on the first line', '  ', '\n  x();\n', 'x();\n', ''],
  ])('%s', (_, before, after, written, kept) => {
    const end = suffixEnd(written, place(before, after));
    expect(end === undefined ? undefined : written.slice(0, end)).toBe(kept);
  });
});

describe('loops', () => {
  const tokens = (ids: readonly number[]): readonly DraftToken[] =>
    ids.map((token) => ({ token, text: '', logProb: 0, exit: 1 }));
  const repeated = (period: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => index % period);
  const lead = [101, 102, 103, 104, 105];

  test.each([
    [1, 10],
    [2, 30],
    [7, 30],
    [10, 30],
    [15, 45],
    [20, 45],
    [30, 60],
  ])('a period of %i is a loop after %i tokens, and one turn of it is kept', (period, window) => {
    expect(loopStart(tokens([...lead, ...repeated(period, window - 1)]))).toBeUndefined();
    expect(loopStart(tokens([...lead, ...repeated(period, window)]))).toBe(lead.length + period);
  });

  test('what differs once in a while is no loop', () => {
    const almost = repeated(5, 60).map((token, index) => (index % 11 === 0 ? 200 + index : token));
    expect(loopStart(tokens(almost))).toBeUndefined();
  });
});
