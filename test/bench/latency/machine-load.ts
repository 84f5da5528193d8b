/** Whether other programs were busy while something was measured. Knows only Linux; elsewhere it cannot tell. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Runs `measure`, and says which share of all processors other programs used meanwhile; undefined: cannot tell. */
export async function withLoad<T>(
  measure: () => Promise<T>,
): Promise<{ readonly result: T; readonly others: number | undefined }> {
  const before = busyMs();
  const own = process.cpuUsage();
  const start = performance.now();
  const result = await measure();
  const elapsed = performance.now() - start;
  const after = busyMs();
  const { user, system } = process.cpuUsage(own);
  if (before === undefined || after === undefined) return { result, others: undefined };
  const others = after - before - (user + system) / 1000;
  return { result, others: Math.max(0, others / (availableParallelism() * elapsed)) };
}

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

/** Milliseconds that all processors together were busy since the start of the machine. */
function busyMs(): number | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = line
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + interrupts + soft + stolen) * TICK_MS;
  } catch {
    return undefined;
  }
}
