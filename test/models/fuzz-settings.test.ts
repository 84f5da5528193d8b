/**
 * Mutated settings of checkpoints: whatever `config.json`, `tokenizer.json` and the index of shards say, a folder is read
 * or refused with a ConversionError. CANDOR_FUZZ sets how many of each file (default 100) and CANDOR_SEED which.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { ConversionError } from '../../models/convert/model-source.js';
import { openCheckpoint } from '../../models/convert/read-checkpoint.js';
import { writeCheckpoint } from './checkpoint-folder.js';
import { randomNumbers } from './random-tensors.js';

const runs = Number(process.env.CANDOR_FUZZ ?? 100);
const seed = Number(process.env.CANDOR_SEED ?? 20_261);
const folder = mkdtempSync(path.join(tmpdir(), 'candor-fuzz-settings-'));
beforeEach(() => {
  writeCheckpoint(folder, { family: 'qwen2', shards: 2 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What no file should have where it has something else. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  3,
  1e6,
  2 ** 53,
  1e300,
  '',
  '../../x',
  '__proto__',
  '\u001b[2J\u0000',
  [],
  {},
  [[]],
  [null],
  { type: 'Sequence' },
  'x'.repeat(10_000),
];

/** Names that files do not give, the last three among those that every object answers to. */
const NAMES = ['', '../../x', '\u001b[2J\u0000', '__proto__', 'constructor', 'toString'] as const;

/** The value with one place of it, at any depth, replaced, removed or said twice. */
function mutated(value: unknown, random: () => number): unknown {
  const below = (end: number): number => Math.floor(random() * end);
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (typeof value !== 'object' || keys.length === 0 || below(4) === 0) return STRANGE[below(STRANGE.length)];
  const key = keys[below(keys.length)]!;
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const put = (where: string, what: unknown): void => {
    // `copy.__proto__ = …` would be another thing.
    Object.defineProperty(copy, where, { value: what, enumerable: true, writable: true, configurable: true });
  };
  const old = (value as Record<string, unknown>)[key];
  if (below(8) === 0) Reflect.deleteProperty(copy, key);
  else if (below(8) === 0) put(NAMES[below(NAMES.length)]!, old);
  else put(key, mutated(old, random));
  return copy;
}

test.each(['config.json', 'tokenizer.json', 'model.safetensors.index.json'])(
  `${runs} of %s`,
  { timeout: 60_000 + runs * 100 },
  async (name) => {
    const file = path.join(folder, name);
    const original: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const random = randomNumbers(seed);
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      const json = JSON.stringify(mutated(mutated(original, random), random));
      writeFileSync(file, json);
      try {
        const source = await openCheckpoint(folder);
        await source[Symbol.asyncDispose]();
      } catch (error) {
        if (!(error instanceof ConversionError))
          throw new Error(`Run ${run} of seed ${seed} ends in ${String(error)}: ${json.slice(0, 2000)}`, {
            cause: error,
          });
        expect(error.message).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        expect(error.message.length).toBeLessThan(2000);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(runs / 10);
  },
);
