/** Which state of the checkout a figure belongs to. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** The commit, and where tracked files differ from it `+` and a hash of the difference. */
export function commitOf(root: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const commit = git('rev-parse', 'HEAD').trim();
    const difference = git('diff', 'HEAD');
    if (difference === '') return commit;
    return `${commit}+${createHash('sha256').update(difference).digest('hex').slice(0, 8)}`;
  } catch {
    return 'outside a git checkout';
  }
}
