/** docs/cli.md lists what the program knows: every reason for silence, every ending, every flag. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { usage } from '../../cli/arguments.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const manual = read('docs/cli.md');

/** The members of a union of string literals, read from its source. */
function unionIn(file: string, name: string): readonly string[] {
  const [, body = ''] = new RegExp(`type ${name} =([^;]*);`).exec(read(file)) ?? [];
  const withoutComments = body.replaceAll(/\/\/.*$/gm, '');
  return [...withoutComments.matchAll(/'([^']+)'/g)].map(([, member]) => member!).sort();
}

describe('docs/cli.md', () => {
  test('lists exactly the reasons for silence', () => {
    const table = manual.slice(manual.indexOf('## Reasons for silence'));
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason!).sort();
    const reasons = unionIn('language-server/protocol/silence.ts', 'SilenceReason');
    expect(reasons.length).toBeGreaterThan(20);
    expect(listed).toEqual(reasons);
  });

  test('names every ending', () => {
    const endings = unionIn('language-server/decoding/draft.ts', 'Ending');
    expect(endings).toContain('dead-end');
    const line = manual.split('\n').find((one) => one.startsWith('- `ending`'))!;
    expect([...line.matchAll(/`([a-z-]+)`/g)].map(([, ending]) => ending!).sort()).toEqual(
      ['ending', ...endings].sort(),
    );
  });

  test('explains every flag of the usage text, and no other', () => {
    const flagsOf = (text: string): readonly string[] =>
      [...new Set([...text.matchAll(/--[a-z-]{3,}/g)].map(([flag]) => flag))].sort();
    const table = manual.split('\n').filter((line) => line.startsWith('| `--'));
    expect([...flagsOf(table.join('\n')), '--help', '--version'].sort()).toEqual(flagsOf(usage));
  });
});
