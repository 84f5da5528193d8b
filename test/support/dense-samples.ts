/** Dense samples of each language (test/cases/syntax/dense): `=== title` begins one; every one is an error-free file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface DenseSample {
  readonly title: string;
  readonly text: string;
}

const folder = path.resolve(import.meta.dirname, '../cases/syntax/dense');

/** Each sample as written, and again with carriage returns. */
export function denseSamples(grammar: string): readonly DenseSample[] {
  return readFileSync(path.join(folder, `${grammar}.txt`), 'utf8')
    .split(/^=== /m)
    .slice(1)
    .flatMap((part) => {
      const end = part.indexOf('\n');
      const title = part.slice(0, end);
      const text = part.slice(end + 1);
      return [
        { title, text },
        { title: `${title}, CRLF`, text: text.replaceAll('\n', '\r\n') },
      ];
    });
}
