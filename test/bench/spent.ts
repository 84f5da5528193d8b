/** Time that something takes: on the clock, and of the processor, which other programs hardly disturb. */

export interface Spent {
  readonly ms: number;
  /** Of all threads of this process. */
  readonly cpuMs: number;
}

export async function spentOn<T>(work: () => Promise<T>): Promise<readonly [T, Spent]> {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return [result, { ms, cpuMs: (user + system) / 1000 }];
}
