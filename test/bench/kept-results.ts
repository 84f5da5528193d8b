/**
 * Results of single cases on disk, so that an interrupted benchmark goes on where it stopped, and several processes can
 * share one.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchContext, Budget, Measured } from './benchmark.js';
import type { CorpusFile } from './corpus.js';

/** Everything that must be equal for a kept result to be valid. */
export interface RunKey {
  readonly name: string;
  readonly commit: string;
  readonly files: readonly CorpusFile[];
  readonly seed: number;
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** Every `of`th case, from number `index` on: what one of several processes measures. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** `2/3`: the second of three; undefined for what is no such thing. */
export function shardOf(text: string): Shard | undefined {
  const [, number = NaN, of = NaN] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  return 1 <= number && number <= of ? { index: number - 1, of } : undefined;
}

/** One line of the file. */
interface Line {
  readonly part: string;
  readonly id: string;
  readonly result: unknown;
}

/** How often a person who waits hears of the progress. */
const progressEveryMs = 5_000;

export function keptResults(
  folder: string,
  key: RunKey,
  shard: Shard = { index: 0, of: 1 },
): { measureEach: (budget: Budget, progress: (line: string) => void) => BenchContext['measureEach'] } {
  const file = path.join(folder, `${key.name}-${fingerprint(key)}.jsonl`);
  return {
    measureEach:
      (budget, progress) =>
      async (part, cases, measure, share = 1) => {
        const end = performance.now() + share * (budget.minutes ?? Infinity) * 60_000;
        const known = budget.quick ? new Map<string, unknown>() : read(file, part);
        const measured: Measured<(typeof cases)[number], Awaited<ReturnType<typeof measure>>>[] = [];
        let said = performance.now();
        for (const [index, one] of cases.entries()) {
          if (known.has(one.id)) {
            measured.push({ of: one, result: known.get(one.id) as Awaited<ReturnType<typeof measure>> });
            continue;
          }
          const isOver = budget.left() <= 0 || performance.now() >= end;
          // Others may have measured cases that come later.
          if ((isOver && measured.length > 0) || index % shard.of !== shard.index) continue;
          const result = await measure(one);
          measured.push({ of: one, result });
          if (!budget.quick) append(file, { part, id: one.id, result });
          if (performance.now() - said > progressEveryMs) {
            said = performance.now();
            progress(`${key.name}: ${part}, ${index + 1} of ${cases.length} cases.`);
          }
        }
        return measured;
      },
  };
}

function fingerprint(key: RunKey): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([key.name, key.commit, key.seed, key.options]));
  for (const file of key.files) hash.update(`${file.path}\0${file.text.length}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** Results of one part by case. A last line that was cut off by the end of the process is measured again. */
function read(file: string, part: string): Map<string, unknown> {
  const results = new Map<string, unknown>();
  if (!existsSync(file)) return results;
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parsedLine(text);
    if (line?.part === part) results.set(line.id, line.result);
  }
  return results;
}

function parsedLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function append(file: string, line: Line): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const cutOff = existsSync(file) && !readFileSync(file, 'utf8').endsWith('\n');
  appendFileSync(file, `${cutOff ? '\n' : ''}${JSON.stringify(line)}\n`);
}
