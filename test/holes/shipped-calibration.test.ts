/** The calibration that comes with a model: when it is used, what is said with it, and that it is about this pipeline. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { probe } from '../../cli/pipeline-probes.js';
import { calibrationName, findPromise } from '../../language-server/completion/hole-promises.js';
import { pipelineOf } from '../../language-server/completion/pipeline-identity.js';
import { WorkerWriter } from '../../language-server/decoding/worker-writer.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { CalibrationFile } from '../../language-server/holes/calibration-file.js';
import { loadShipped } from '../../language-server/holes/calibration-store.js';
import { identityOf } from '../../language-server/inference/bundle-identity.js';
import { readBundle } from '../../language-server/inference/bundle.js';
import { modelOf } from '../../language-server/open-engine.js';
import { buildWorker } from '../support/built-worker.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'candor-shipped-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const wanted = {
  ...{ bundle: 'toy 1', pipeline: 'p', language: 'python', grammar: 'python 1' },
  ...{ epsilon: 0.2, holes: 2 },
};
const calibration = (budget: number | 'not-attainable', computedOn: string): CalibrationFile => ({
  ...{ version: 1, bundle: 'toy 1', pipeline: 'p', computedOn, date: '2026-11-25' },
  promises: [
    {
      ...{ language: 'python', grammar: 'python 1', epsilon: 0.2, delta: 0.1, holes: 2 },
      ...{ budget, places: 60, mistakes: 3, kept: 0.4 },
    },
  ],
});

let home = '';
let folders = 0;
beforeEach(() => {
  home = mkdtempSync(path.join(scratch, `home-${++folders}-`));
});

const own = (budget: number | 'not-attainable') => {
  writeFileSync(path.join(home, calibrationName), JSON.stringify(calibration(budget, '/my/code')));
};

function shipped(contents = JSON.stringify(calibration(0.5, '2 published packages: a 1, b 2.'))) {
  const file = path.join(home, 'shipped.json');
  writeFileSync(file, contents);
  return { path: file, sha256: createHash('sha256').update(contents).digest('hex') };
}

describe('the calibration that came with the model', () => {
  test('is used where the workspace has none, and it is said whose code it is about', async () => {
    const found = await findPromise([home], shipped(), wanted);
    expect(found).toMatchObject({ kind: 'promise', budget: 0.5 });
    const caveat = found.kind === 'promise' ? found.caveat : undefined;
    expect(caveat).toContain('60 places of python in 2 published packages: a 1, b 2.');
    expect(caveat).toContain('about code like that, and nothing is promised about yours');
  });

  test('gives way to the workspace’s own', async () => {
    own(0.25);
    const found = await findPromise([home], shipped(), wanted);
    expect(found).toMatchObject({ kind: 'promise', budget: 0.25, caveat: undefined });
  });

  test('does not bring back what the workspace’s own code has refuted', async () => {
    own('not-attainable');
    const found = await findPromise([home], shipped(), wanted);
    expect(found).toMatchObject({ kind: 'none', refuted: true });
  });

  test.each([
    ['another pipeline', { pipeline: 'q' }, /Settings or program have changed .*came with the model/],
    ['another model', { bundle: 'toy 2' }, /for the model toy 1, not for toy 2.*came with the model/],
    ['an ε that it cannot keep', { epsilon: 0.05 }, /Nothing was calibrated for python with ε = 0.05/],
  ])('promises nothing for %s', async (_, other, why) => {
    const found = await findPromise([home], shipped(), { ...wanted, ...other });
    expect(found.kind === 'none' && found.why).toMatch(why);
  });

  test('is refused when it is not the file that the bundle describes, and stays where it is', async () => {
    const file = shipped();
    writeFileSync(file.path, JSON.stringify(calibration(9, 'somebody')));
    expect(await loadShipped(file)).toMatchObject({ kind: 'damaged', movedTo: undefined });
    const found = await findPromise([home], file, wanted);
    expect(found.kind === 'none' && found.why).toContain('not the one that bundle.json describes');
    expect(readdirSync(home)).toEqual(['shipped.json']);
  });

  test('is said to be missing when it is', async () => {
    const found = await findPromise([home], { path: path.join(home, 'gone'), sha256: '0' }, wanted);
    expect(found.kind === 'none' && found.why).toContain('came with the model is missing');
  });
});

test('names of pipelines: new settings count, what is off does not', () => {
  const name = pipelineOf(defaultSettings);
  const withMore = (more: object) => pipelineOf({ ...defaultSettings, ...more });
  expect(withMore({ delayMs: 7, holes: 0.1, threads: 3, drafts: 1, lines: 'single' })).toBe(name);
  expect(withMore({ somethingNew: false })).toBe(name);
  expect(withMore({ somethingNew: true })).not.toBe(name);
  expect(withMore({ maxTokens: 32 })).not.toBe(name);
});

const root = path.resolve(import.meta.dirname, '../..');
const bundle = await readBundle(path.join(root, 'models/smollm2-135m'));
const file = bundle.calibration && {
  path: path.join(bundle.folder, bundle.calibration.file),
  sha256: bundle.calibration.sha256,
};
const loaded = file && (await loadShipped(file));

describe.skipIf(!file)('what ships (skipped where bundle.json lists no calibration)', () => {
  test('is whole, and about the model beside it', () => {
    expect(loaded?.kind).toBe('file');
    if (loaded?.kind === 'file') expect(loaded.file.bundle).toBe(identityOf(bundle));
  });

  const current = loaded?.kind === 'file' && loaded.file.pipeline === pipelineOf(defaultSettings);
  // One that says itself that it is for another pipeline promises nothing; one that claims this pipeline must be right.
  test.runIf(current)('offers what it offered when it was made', { timeout: 240_000 }, async () => {
    if (loaded?.kind !== 'file') throw new Error('There is no calibration.');
    const built = await buildWorker(['typescript', 'tsx', 'javascript', 'python']);
    const { workerFile, grammarsDir } = built;
    const writer = new WorkerWriter({ workerFile, bundleDir: bundle.folder, grammarsDir, threads: 1 });
    try {
      const { device } = await writer.ready();
      const engine = { kind: 'ready', writer, model: { ...modelOf(bundle), device } } as const;
      const now = await probe(engine, defaultSettings);
      const advice = 'raise PIPELINE_VERSION and run `npm run calibrate-bundle`';
      expect(now, `The pipeline has changed: ${advice}.`).toEqual(loaded.file.probes);
    } finally {
      await writer.dispose();
      built.remove();
    }
  });
});
