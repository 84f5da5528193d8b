/** docs/bench.md and its plots are what the kept reference results make of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { rendered } from './reference-page.js';
import { readReferences, renderAll } from './write-reference.js';

const docs = path.resolve(import.meta.dirname, '../../docs');

describe('reference results', () => {
  test('are rendered freshly: run write-reference.ts after changing them', () => {
    for (const [file, contents] of Object.entries(renderAll())) {
      expect(readFileSync(path.join(docs, file), 'utf8'), file).toBe(contents);
    }
  });

  test('name a command that gives their benchmark, and a commit without local changes', () => {
    for (const { command, report } of readReferences()) {
      expect(command).toMatch(new RegExp(`^npm run -s bench -- ${report.bench}\\b`));
      expect(report.commit).toMatch(/^[0-9a-f]{40}$/);
      expect(Object.keys(report.figures).length).toBeGreaterThan(0);
    }
  });

  test('fill the page between its marks only', () => {
    const report = {
      bench: 'soak',
      commit: 'c',
      corpus: 'd',
      seed: 1,
      figures: { rss: { value: 0.123456, unit: 'MB', n: 3, low: 0.1, high: 0.2 } },
    };
    const page = 'before\n<!-- soak -->\nold\n<!-- end -->\nafter <!-- x -->\n';
    const once = rendered(page, [{ command: 'npm run -s bench -- soak', machine: 'm', report }]);
    expect(once).toMatch(/^before\n<!-- soak -->\n/);
    expect(once).toMatch(/\n<!-- end -->\nafter <!-- x -->\n$/);
    expect(once).toContain('| `rss` | 0.1235 MB (0.1 to 0.2) | 3 |');
    expect(once).not.toContain('old');
    expect(rendered(page, [])).toContain('Not measured yet.');
  });
});
