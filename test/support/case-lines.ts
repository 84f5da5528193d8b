/** Cases of one line each: fields between ` | `, the expectation after ` ==> `, line feeds and tabs escaped. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface CaseLine {
  readonly fields: readonly string[];
  readonly expected: string;
}

/** @param file below test/cases. Lines that begin with `#` are remarks. */
export function caseLines(file: string): readonly CaseLine[] {
  return readFileSync(path.resolve(import.meta.dirname, '../cases', file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [left = '', expected = ''] = line.split(' ==> ');
      return { fields: left.split(' | ').map(unescaped), expected };
    });
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

/** A text as a case writes it. */
export function escaped(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
