/** What place a cursor is at, and where statements end, by cases in test/cases/syntax. */
import { describe, expect, test } from 'vitest';
import { placeAt } from '../../syntax/cursor-place.js';
import { parseText } from '../../syntax/parsed-text.js';
import { statementEnd } from '../../syntax/statement-end.js';
import { caseLines, escaped } from '../support/case-lines.js';
import { grammarOf } from '../support/grammars.js';

describe('places', () => {
  test.each(caseLines('syntax/places.txt'))('%j', async ({ fields: [name, around], expected }) => {
    const offset = around!.indexOf('▮');
    using parsed = parseText(await grammarOf(name!), around!.replace('▮', ''));
    const { kind, enclosing, ...claims } = placeAt(parsed, offset);
    const held = Object.entries(claims).flatMap(([claim, holds]) => (holds ? [claim] : []));
    expect([kind, ...held, ...(enclosing ? [`enclosing=${enclosing}`] : [])].join(' ')).toBe(expected);
  });
});

describe('statement ends', () => {
  test.each(caseLines('syntax/statement-ends.txt'))('%j', async ({ fields, expected }) => {
    const [name, around, written] = fields;
    const [before, after] = around!.split('▮');
    const { statement, block, last } = statementEnd(await grammarOf(name!), before!, written!, after!);
    const upTo = (end: number | undefined) => (end === undefined ? '-' : escaped(written!.slice(0, end)));
    expect([upTo(statement), upTo(block), ...(last ? ['last'] : [])].join(' ')).toBe(expected);
  });
});
