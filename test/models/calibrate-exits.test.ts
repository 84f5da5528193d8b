/** Early exit of a user's own model: off as long as nothing is known of its exits, and on where their code shows that it may be. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { policyFor, type ExitChoice } from '../../language-server/inference/exit-policies.js';
import { calibrateExits, chooseExitAt, TooLittleCode } from '../../models/exits/calibrate-exits.js';
import type { Judged } from '../../models/exits/judge-controller.js';
import { addModel } from '../../models/manage/add-model.js';
import { describeModel } from '../../models/manage/describe-model.js';
import { listModels, ownModel } from '../../models/manage/model-store.js';
import { engineOf, step } from '../support/random-engine.js';
import { randomGguf } from './random-gguf.js';

const root = mkdtempSync(path.join(tmpdir(), 'candor-exits-'));
const store = path.join(root, 'store');
const shipped = path.resolve(import.meta.dirname, '../../models/smollm2-135m');
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A model of three layers that change what a token says by so much; its head is the embedding. */
async function added(name: string, spread: number): Promise<string> {
  const file = path.join(root, `${name}.gguf`);
  writeFileSync(file, randomGguf({ family: 'llama', type: () => 'F32', spread }));
  return (await addModel({ from: file, store, name, weights: 'fp32' })).folder;
}

/** Files of long runs of one letter, which a model that repeats the last token foresees. */
function code(name: string, files: number): string[] {
  mkdirSync(path.join(root, name));
  return Array.from({ length: files }, (_, index) => {
    const file = path.join(root, name, `${index}.ts`);
    writeFileSync(file, `${String.fromCharCode(97 + index).repeat(60)}\n`.repeat(12));
    return file;
  });
}

/** How many layers run, on average, where these letters follow each other. */
async function layersRun(folder: string, choice: ExitChoice): Promise<number> {
  const engine = await engineOf(folder);
  const { policy } = policyFor(choice, engine);
  const tokens = Array.from({ length: 12 }, () => 70);
  using session = await engine.open(tokens, never);
  let { root: branch } = session;
  let layers = 0;
  for (const token of tokens) {
    const said = await step(session, branch, token, policy);
    layers += said.exit / tokens.length;
    ({ branch } = said);
  }
  await engine.release();
  return layers;
}

const listed = async (name: string): Promise<string> => {
  const model = (await listModels(store, shipped)).find((one) => one.name === name)!;
  return describeModel(model, {}).details;
};

test('exits that nobody trained are marked, and nothing leaves early by them, whatever is set', async () => {
  const folder = await added('untrained', 0.01);
  const { exits } = await readBundle(folder);
  expect(exits.map(({ trained }) => trained)).toEqual([false, false, true]);
  expect(await listed('untrained')).toContain('untrained exits (early exit off)');
  for (const choice of [{ rule: 'recommended' }, { rule: 'controller', at: 0 }] as const)
    expect(await layersRun(folder, choice), choice.rule).toBe(3);
});

test('calibrated on code that its early exits foresee as the last does, it leaves early', async () => {
  const folder = await added('repeating', 0.01);
  const { exitAt, summary } = await calibrateExits({ bundle: folder, files: code('runs', 16) });
  expect(exitAt).not.toBeNull();
  expect(summary).toMatch(/Early exit is on/);
  expect(await listed('repeating')).toContain('untrained exits (early exit on, calibrated)');
  expect(await layersRun(folder, { rule: 'recommended' })).toBeLessThan(3);
  expect(await layersRun(folder, { rule: 'full' })).toBe(3);
});

test('calibrated where its exits say something else, it stays off', async () => {
  const folder = await added('deep', 1);
  const sources = path.resolve(import.meta.dirname, '../../models/convert');
  const files = readdirSync(sources).map((file) => path.join(sources, file));
  const { exitAt, summary } = await calibrateExits({ bundle: folder, files });
  expect(exitAt).toBeNull();
  expect(summary).toMatch(/stays off/);
  expect(await listed('deep')).toContain('early exit off: it gains nothing');
  expect(await layersRun(folder, { rule: 'recommended' })).toBe(3);
});

describe('nothing changes', () => {
  test('where there is too little code', async () => {
    const folder = await added('little', 0.01);
    const before = readFileSync(path.join(folder, 'bundle.json'), 'utf8');
    const calibrated = calibrateExits({ bundle: folder, files: code('few', 2) });
    await expect(calibrated).rejects.toThrow(TooLittleCode);
    expect(readFileSync(path.join(folder, 'bundle.json'), 'utf8')).toBe(before);
  });

  test('when it is cancelled', async () => {
    const folder = await added('cancelled', 0.01);
    const stop = new AbortController();
    const calibrated = calibrateExits({
      bundle: folder,
      files: code('many', 16),
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    await expect(calibrated).rejects.toThrow(/abort/i);
    expect((await readBundle(folder)).controller).toBeUndefined();
  });

  test('about the model that ships', async () => {
    await expect(ownModel('default', store)).rejects.toThrow(/left as it is/);
  });
});

describe('the threshold', () => {
  const judged = (
    ...exitAt: readonly (readonly [at: number, layers: number, agreement: number])[]
  ): Judged => ({
    positions: 800,
    hopeless: 0,
    exits: [],
    stopAt: [],
    exitAt: exitAt.map(([at, layers, agreement]) => ({
      at,
      layers,
      agreement,
      early: 0.5,
      agreementWhenEarly: agreement,
      right: 0.5,
    })),
  });

  test.each<[string, Judged, Judged, number | null]>([
    [
      'is the least that keeps the tokens',
      judged([0.5, 10, 0.97], [0.7, 15, 0.992], [0.9, 18, 0.999]),
      judged([0.5, 10, 0.97], [0.7, 15, 0.985], [0.9, 18, 0.999]),
      0.7,
    ],
    ['is none where nothing is saved', judged([0.9, 19.9, 1]), judged([0.9, 19.9, 1]), null],
    ['is none where other files contradict', judged([0.9, 15, 0.995]), judged([0.9, 15, 0.97]), null],
  ])('%s', (_, choose, check, wanted) => {
    expect(chooseExitAt(choose, check, 20).exitAt).toBe(wanted);
  });
});
