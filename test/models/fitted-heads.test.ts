/** Heads of a controller that the recipe has fitted in PyTorch: taken where they fit the bundle, else refused in words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import { writeRandomBundle } from '../../models/convert/random-bundle.js';
import { readFittedHeads } from '../../models/exits/fitted-heads.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-heads-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let bundle: BundleDescription;
beforeAll(async () => {
  bundle = await writeRandomBundle(path.join(folder, 'bundle'));
});

/** As `exit_controller.py` writes them, for two exits. */
function fitted(change: object = {}, values = 2 * 3 * (bundle.architecture.hidden + 1)): string {
  const written = mkdtempSync(path.join(folder, 'heads-'));
  const heads = Float32Array.from({ length: values }, (_, at) => at / 7);
  writeFileSync(path.join(written, 'controller-agreement.bin'), heads);
  const description = {
    ...{ format: 'candor-controller', version: 1, outcomes: ['continue', 'exit', 'stop'] },
    ...{ exits: bundle.exits.map(({ layer }) => layer), positions: 9, judged: 4 },
    variants: { agreement: { file: 'controller-agreement.bin', hopeless: 0.1 } },
    ...change,
  };
  writeFileSync(path.join(written, 'controller.json'), JSON.stringify(description));
  return written;
}

test('heads come as they were written', async () => {
  const taken = await readFittedHeads(fitted(), 'agreement', bundle);
  expect(taken).toMatchObject({ exits: [2, 4], positions: 9 });
  expect(taken.heads[8]).toBeCloseTo(8 / 7, 6);
});

test.each([
  ['other exits', () => fitted({ exits: [1, 4] }), /for exits 1, 4; the bundle has 2, 4/],
  ['another order of outcomes', () => fitted({ outcomes: ['exit', 'continue', 'stop'] }), /outcomes/],
  ['a file that is cut off', () => fitted({}, 100), /has 400 bytes instead of/],
])('%s are refused in words', async (_, written, words) => {
  await expect(readFittedHeads(written(), 'agreement', bundle)).rejects.toThrow(words);
});

test('what was not learnt is not taken', async () => {
  await expect(readFittedHeads(fitted(), 'right', bundle)).rejects.toThrow(/learnt “right”/);
});
