/** Budgets learned from use: never looser than calibrated, kept on disk through restarts and damage, forgotten on demand. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { learnedPage } from '../../language-server/completion/learned-page.js';
import { Learning, learnedName, type LearnedAbout } from '../../language-server/completion/learning.js';
import { budgets } from '../../language-server/holes/calibrate.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'candor-learning-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

let home = '';
let homes = 0;
let told: string[] = [];
beforeEach(() => {
  home = path.join(scratch, String(++homes));
  told = [];
});
const start = () => new Learning({ log: () => undefined, warn: (sentence) => void told.push(sentence) });

const calibrated = budgets[30]!;
const promise = {
  ...{ language: 'python', grammar: 'python 1', epsilon: 0.2, delta: 0.1, holes: 2 },
  ...{ budget: calibrated, places: 60, mistakes: 3, kept: 0.4 },
};
const about = (): LearnedAbout => ({ home, bundle: 'toy', pipeline: 'p', promise });

describe('the budget', () => {
  test('is the calibrated one until something goes wrong, and no looser after all goes well', async () => {
    const learning = start();
    expect(await learning.budget(about())).toBe(calibrated);
    for (let i = 0; i < 30; i++) await learning.learn(about(), 'kept');
    expect(await learning.budget(about())).toBe(calibrated);
  });

  test('falls with what was changed or rejected, one of the calibration’s at a time, and comes back', async () => {
    const learning = start();
    await learning.learn(about(), 'changed');
    expect(await learning.budget(about())).toBe(budgets[29]);
    for (let i = 0; i < 4; i++) await learning.learn(about(), 'written');
    expect(await learning.budget(about())).toBe(calibrated);
    await learning.learn(about(), 'rejected');
    expect(await learning.budget(about())).toBe(budgets[29]);
  });

  test('is none after a long run of misses, until places have gone by', async () => {
    const learning = start();
    for (let i = 0; i < 95; i++) await learning.learn(about(), 'changed');
    expect(await learning.budget(about())).toBe(0);
    for (let i = 0; i < 40; i++) await learning.learn(about(), 'silent');
    expect(await learning.budget(about())).toBeGreaterThan(0);
  });

  test('is another matter for another language, ε, model, or calibration', async () => {
    const learning = start();
    await learning.learn(about(), 'changed');
    for (const other of [{ language: 'go' }, { epsilon: 0.1 }, { holes: 1 }, { budget: budgets[31]! }]) {
      const changed = { ...promise, ...other };
      expect(await learning.budget({ ...about(), promise: changed })).toBe(changed.budget);
    }
    expect(await learning.budget({ ...about(), bundle: 'other' })).toBe(calibrated);
  });
});

describe('on disk', () => {
  test('it outlives the server, and holds no text', async () => {
    const first = start();
    // At once, as when a document with several suggestions is closed.
    await Promise.all([first.learn(about(), 'changed'), first.learn(about(), 'kept')]);
    await first.settled();
    expect(readdirSync(home)).toEqual([learnedName]);
    expect(JSON.parse(readFileSync(path.join(home, learnedName), 'utf8'))).toMatchObject({
      version: 1,
      learned: [{ language: 'python', recent: '10', judged: 2, missed: 1, kept: 1, changed: 1 }],
    });
    expect(await start().budget(about())).toBe(await first.budget(about()));
  });

  test('it is forgotten on demand', async () => {
    const learning = start();
    await learning.learn(about(), 'changed');
    await learning.forget(home);
    expect(readdirSync(home)).toEqual([]);
    expect(await learning.budget(about())).toBe(calibrated);
    await learning.learn(about(), 'changed');
    await learning.settled();
    expect(readdirSync(home)).toEqual([learnedName]);
  });

  test.each(['', '{"version": 1, "learned": [{}]}', '{"version": 2, "learned": []}'])(
    'damage is set aside and named: %j',
    async (text) => {
      const before = start();
      await before.learn(about(), 'changed');
      await before.settled();
      writeFileSync(path.join(home, learnedName), text);
      expect(await start().budget(about())).toBe(calibrated);
      expect(told).toEqual([expect.stringMatching(/was damaged\. It was moved to .+ begins anew/)]);
      const [moved] = readdirSync(home);
      expect(readFileSync(path.join(home, moved!), 'utf8')).toBe(text);
    },
  );

  test('a folder that cannot be written is no failure', async () => {
    writeFileSync(home, 'a file in the way');
    const learning = start();
    await learning.learn(about(), 'changed');
    await learning.settled();
    expect(await learning.budget(about())).toBe(budgets[29]);
  });
});

test('it warns once when the last places refute the promise, and the page says so', async () => {
  const learning = start();
  for (let i = 0; i < 60; i++) await learning.learn(about(), i % 2 === 0 ? 'kept' : 'rejected');
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/wrong outside their holes at \d+: more than ε = 0\.2 allows.*calibrate again/);
  const page = learnedPage('/my/code', home, await learning.learned(home), 'toy');
  expect(page).toContain('| python | 0.2 | 2 | 60 | 30 | 0 | 30 | 0 | 30 of 60');
  expect(page).toContain('**refuted: calibrate again**');
  expect(page).toContain(path.join(home, learnedName));
  expect(learnedPage('/my/code', home, [], 'toy')).toContain('Nothing yet');
});
