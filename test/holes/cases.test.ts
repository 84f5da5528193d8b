/** Holes in real languages, by cases in text files. `UPDATE=1` writes the outcomes anew. */
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCases, rewrite, updating } from '../support/case-file.js';
import { outcomeOf } from './hole-case.js';

for (const { file, cases } of readCases('holes')) {
  describe(path.basename(file), () => {
    const outcomes: string[] = [];
    test.each(cases.map((one, index) => ({ ...one, index })))('$title', async ({ index, ...one }) => {
      const outcome = await outcomeOf(one);
      outcomes[index] = outcome;
      if (!updating) expect(outcome).toBe(one.expected);
    });
    afterAll(() => {
      if (updating) rewrite(file, outcomes);
    });
  });
}
