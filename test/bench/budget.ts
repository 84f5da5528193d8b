/** How long a benchmark may take. */
import type { Budget } from './benchmark.js';

export function budgetOf(given: { readonly quick: boolean; readonly minutes: number | undefined }): Budget {
  const { quick, minutes } = given;
  const start = performance.now();
  const all = minutes === undefined ? Infinity : minutes * 60_000;
  return { quick, minutes, left: () => start + all - performance.now() };
}
