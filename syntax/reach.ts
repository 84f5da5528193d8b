/** Runs stacks over a text until one of them has read up to a limit, and remembers what later text cannot change. */
import { Run, lastInLine } from './advance.js';
import type { Grammar } from './grammar-runtime.js';
import type { Head } from './parse-stack.js';

export interface Reached {
  /** Whether some stack read up to the limit, or the whole text as a complete file. */
  readonly alive: boolean;
  /** The stacks at the last moment that later text cannot change. */
  readonly settled: readonly Head[];
  /** Whether any lexing looked beyond the end: when not, a dead text is dead whatever follows. */
  readonly open: boolean;
  /** How many steps looked beyond the end. */
  readonly openSteps: number;
  /** The stacks that died, where they stood. */
  readonly deaths: readonly Head[];
  /** The furthest position any stack reached. */
  readonly furthest: number;
}

/** Steps a unit of text may cost before the run counts as dead; files in use need less than one. */
const STEPS_PER_UNIT = 8;
const FREE_STEPS = 2_000;

/**
 * Moves `heads` over the text that the buffer shows.
 * @param limit where one head has to arrive; infinite asks for a complete file.
 * @param end the length of the text: what looks beyond it depends on what will follow.
 */
export function reach(grammar: Grammar, heads: readonly Head[], limit: number, end: number): Reached {
  const run = new Run(grammar);
  let list = heads.slice();
  let settled: readonly Head[] | undefined;
  let openSteps = 0;
  let furthest = 0;
  const deaths: Head[] = [];
  const answer = (alive: boolean): Reached => ({
    alive,
    settled: settled ?? list,
    open: settled !== undefined,
    openSteps,
    deaths,
    furthest,
  });
  const from = heads[0]?.position ?? 0;
  for (let budget = FREE_STEPS + STEPS_PER_UNIT * (end - from); 0 < budget; budget--) {
    for (const { position } of list) {
      if (furthest < position) furthest = position;
      if (limit <= position) return answer(true);
    }
    if (list.length === 0) return answer(run.accepted);
    const slowest = lastInLine(list);
    const head = list[slowest]!;
    const before = settled ? undefined : list;
    list = list.toSpliced(slowest, 1);
    const others = list.length;
    run.step(head, list);
    if (end < run.looked) {
      openSteps++;
      settled ??= before;
    }
    if (list.length === others) deaths.push(head);
  }
  return answer(false);
}

export interface Settled {
  /** Empty when the text is dead whatever follows. */
  readonly heads: readonly Head[];
  /** The stacks that died last. */
  readonly deaths: readonly Head[];
  readonly furthest: number;
}

/**
 * Moves all of `heads` as far as text after `end` cannot change: none has more to read, or the next has to wait.
 * Stops early when all have come to `limit`.
 */
export function settle(grammar: Grammar, heads: readonly Head[], end: number, limit = Infinity): Settled {
  const run = new Run(grammar);
  let list = heads.slice();
  let deaths: Head[] = [];
  let furthest = 0;
  const from = heads[0]?.position ?? 0;
  for (let budget = FREE_STEPS + STEPS_PER_UNIT * (end - from); 0 < budget; budget--) {
    let slowest = -1;
    for (let i = 0; i < list.length; i++) {
      const { position } = list[i]!;
      if (furthest < position) furthest = position;
      if (position < end && (slowest < 0 || position < list[slowest]!.position)) slowest = i;
    }
    const head = list[slowest];
    if (!head || limit <= head.position) return { heads: list, deaths, furthest };
    const moved = list.toSpliced(slowest, 1);
    const others = moved.length;
    run.step(head, moved);
    if (end < run.looked) return { heads: list, deaths, furthest: end };
    if (moved.length === others)
      deaths = [...deaths.filter((death) => head.position <= death.position), head];
    list = moved;
    if (list.length === 0) return { heads: [], deaths, furthest };
  }
  return { heads: [], deaths: list, furthest };
}
