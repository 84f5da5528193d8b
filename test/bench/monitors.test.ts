/** The monitors benchmark: which places it finds, which projects it refuses, what counts as right, and its figures. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Measured } from './benchmark.js';
import { readCorpus } from './corpus.js';
import { monitorFigures } from './monitors/figures.js';
import { hits, type ArmResult, type PlaceResult } from './monitors/measure-place.js';
import { placesOf, type MonitorPlace } from './monitors/places.js';
import { refusal, workspacesOf } from './monitors/workspaces.js';

const good = `import { area } from './shapes';
export const names = new Map<string, number>();
export function total(prices: readonly number[]): number {
  return prices.reduce((sum, price) => sum + price, 0) + area(names.size);
}
`;
const shapes = `export function area(side: number): number {
  return side * side;
}
/* A file of this length is worth reading: ${'x'.repeat(120)}. */
`;
const tsconfig = '{ "compilerOptions": { "strict": true, "target": "es2022", "types": [] } }';

let corpus = '';
beforeAll(() => {
  corpus = realpathSync(mkdtempSync(path.join(tmpdir(), 'monitors-corpus-')));
  for (const [project, text] of [
    ['right', good],
    ['wrong', good.replace('names.size', 'names.length')],
  ] as const) {
    mkdirSync(path.join(corpus, project));
    writeFileSync(path.join(corpus, project, 'tsconfig.json'), tsconfig);
    writeFileSync(path.join(corpus, project, 'main.ts'), text);
    writeFileSync(path.join(corpus, project, 'shapes.ts'), shapes);
  }
});
afterAll(() => {
  rmSync(corpus, { recursive: true });
});

test('a project that does not type-check is refused, and told by what', async () => {
  const files = await readCorpus(corpus, 1);
  const workspaces = workspacesOf(corpus, files);
  const reasons = await Promise.all(
    workspaces.map(async (one) => [path.basename(one.folder), await refusal(one)] as const),
  );
  expect(Object.fromEntries(reasons)).toEqual({
    right: undefined,
    wrong: expect.stringMatching(/does not type-check.*'length'/) as string,
  });
});

describe('places', () => {
  test('are names of each kind, cut before or inside, with what stands before and after', async () => {
    const files = (await readCorpus(corpus, 1)).filter(({ path: file }) => file === 'right/main.ts');
    const places = await placesOf(files, 1);
    const whole = places.map(({ kind, typed, name }) => `${kind} ${typed}${name}`).sort();
    expect(whole).toEqual([
      'exports area',
      'free-names Map',
      'free-names price',
      'members reduce',
      'members size',
      'modules ./shapes',
      'signatures (sum, price) => sum + price',
      'signatures names.size',
    ]);
    for (const { before, expected, after, kind } of places) {
      const isImport = kind === 'exports';
      expect(before + expected + after).toBe(good);
      expect(after === '' || after.startsWith('\n') || isImport).toBe(true);
    }
  });

  test('are the same for the same seed', async () => {
    const files = await readCorpus(corpus, 1);
    const ids = async (seed: number) => (await placesOf(files, seed)).map(({ id }) => id);
    expect(await ids(1)).toEqual(await ids(1));
  });
});

test.each([
  ['members', 'size', 'size);', 'size + 1', true],
  ['members', 'size', 'size);', 'sizes', false],
  ['members', 'size', 'size);', 'length', false],
  ['strings', 'left', "left')", "left'", true],
  ['strings', 'left', "left')", 'lefty', false],
  ['signatures', 'names.size', 'names.size)', ' names)', true],
  ['signatures', 'names.size', 'names.size)', 'name)', false],
] as const)('%s: of %j (%j), %j is right: %j', (kind, name, expected, text, right) => {
  expect(hits({ kind, name, expected }, text)).toBe(right);
});

const arm = (result: Partial<ArmResult>): ArmResult => ({
  hits: false,
  isExact: false,
  totalMs: 100,
  promptMs: 50,
  waitedMs: 0,
  steps: 10,
  isRewritten: false,
  questions: [],
  abstained: [],
  released: 0,
  removed: 0,
  ...result,
});

test('figures are paired, and places without a candidate are no case', () => {
  const place = (group: string) => ({ kind: 'members', file: { group } }) as unknown as MonitorPlace;
  const oracle = { candidates: 2, triggered: true };
  const one = (group: string, result: PlaceResult): Measured<MonitorPlace, PlaceResult> => ({
    of: place(group),
    result,
  });
  const won = {
    off: arm({ shown: 'a', isClean: false }),
    always: arm({}),
    check: arm({
      hits: true,
      shown: 'b',
      isClean: true,
      promptMs: 0,
      totalMs: 70,
      waitedMs: 15,
      steps: 25,
      isRewritten: true,
    }),
  };
  const lost = {
    off: arm({ hits: true }),
    always: arm({ hits: true }),
    check: arm({ promptMs: 0, totalMs: 50 }),
  };
  const figures = monitorFigures(
    [
      one('x', { oracle, arms: won, hitsOfSix: true }),
      one('y', { oracle: { ...oracle, refusedBy: 'members' }, arms: lost, hitsOfSix: false }),
      one('y', { oracle, arms: won, hitsOfSix: true }),
      one('z', { oracle: { candidates: 0, triggered: false } }),
    ],
    1,
  );
  const value = (name: string) => figures[name]!.value;
  expect(value('cases')).toBe(3);
  expect(value('oracle_recall')).toBeCloseTo(2 / 3);
  expect(value('next_identifier_off')).toBeCloseTo(1 / 3);
  expect(value('next_identifier_checked')).toBeCloseTo(2 / 3);
  expect(value('next_identifier_gain')).toBeCloseTo(1 / 3);
  expect(value('harm')).toBeCloseTo(1 / 3);
  expect(value('clean_off')).toBe(0);
  expect(value('clean_checked')).toBe(1);
  expect(value('shown_checked')).toBeCloseTo(2 / 3);
  expect(value('added_share_p50')).toBeCloseTo(0.2);
  expect(value('asking_share_p50')).toBeCloseTo(0.15);
  expect(value('added_steps_p50')).toBeCloseTo(1.5);
  expect(value('rewritten')).toBeCloseTo(2 / 3);
});
