/**
 * Cases as text: what `test/cases/**` holds, and how it is read and rewritten.
 *
 *     === title
 *     name: value
 *     --- section
 *     text
 *     ==>
 *     what must come out
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Case {
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
  /** Texts of the sections in their order; a name may come twice. */
  readonly sections: readonly { readonly name: string; readonly text: string }[];
  readonly expected: string;
}

export interface CaseFile {
  readonly file: string;
  readonly cases: readonly Case[];
}

/** All files of a folder of `test/cases`. */
export function readCases(folder: string): readonly CaseFile[] {
  const where = path.resolve(import.meta.dirname, '../cases', folder);
  return readdirSync(where)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => {
      const file = path.join(where, name);
      return { file, cases: parseCases(readFileSync(file, 'utf8')) };
    });
}

export function parseCases(text: string): readonly Case[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((piece) => {
      const [head = '', expected = ''] = piece.split(/^==>\n/m);
      const [top = '', ...rest] = head.split(/^--- /m);
      const [title = '', ...lines] = top.split('\n');
      const options = lines
        .filter((line) => line.includes(':'))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
      const sections = rest.map((section) => {
        const end = section.indexOf('\n');
        return { name: section.slice(0, end), text: section.slice(end + 1).replace(/\n$/, '') };
      });
      return {
        title,
        options: Object.fromEntries(options),
        sections,
        expected: expected.replace(/\n+$/, ''),
      };
    });
}

/** Whether what stands after `==>` is to be rewritten: `UPDATE=1`. */
export const updating = process.env.UPDATE === '1';

/** Writes the file anew with these outcomes, in the order of its cases. */
export function rewrite(file: string, outcomes: readonly string[]): void {
  const pieces = readFileSync(file, 'utf8').split(/^=== /m);
  const written = pieces
    .slice(1)
    .map((piece, index) => `${piece.split(/^==>\n/m)[0]!}==>\n${outcomes[index]!}\n`);
  writeFileSync(file, [pieces[0], ...written].join('=== ').replace(/\n+=== /g, '\n\n=== '));
}
