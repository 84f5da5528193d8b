/** Runs `test/cases/monitors` with the answers that each case gives in its table. */
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCases, rewrite, updating } from '../support/case-file.js';
import { monitorCase, runMonitorCase, tableOracle } from '../support/monitor-case.js';

for (const { file, cases } of readCases('monitors')) {
  const outcomes: string[] = [];
  describe(path.basename(file, '.txt'), () => {
    for (const known of cases) {
      test(known.title, async () => {
        const { table, ...rest } = monitorCase(known);
        const outcome = await runMonitorCase({ table, ...rest }, tableOracle(table));
        outcomes.push(outcome);
        if (!updating) expect(outcome).toBe(known.expected);
      });
    }
    afterAll(() => {
      if (updating) rewrite(file, outcomes);
    });
  });
}
