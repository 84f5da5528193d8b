/** The page of third-party notices tells of what the bundles hold today. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'vitest';

test('THIRD_PARTY_NOTICES.md is what `npm run notices` writes', () => {
  execFileSync(process.execPath, ['notices.mjs', '--check'], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    stdio: 'pipe',
  });
});
