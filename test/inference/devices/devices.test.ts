/** What is remembered of a machine's devices, how memory limits them, and what the report says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseBundle, type BundleDescription } from '../../../language-server/inference/bundle.js';
import { deviceReport } from '../../../language-server/inference/devices/device-report.js';
import type { Verdict } from '../../../language-server/inference/devices/run-probe.js';
import { Devices, roomFor } from '../../../language-server/inference/devices/try-devices.js';
import { verdictKey, VerdictStore } from '../../../language-server/inference/devices/verdict-store.js';

const shipped = path.resolve(import.meta.dirname, '../../../models/smollm2-135m/bundle.json');
const bundle: BundleDescription = parseBundle(readFileSync(shipped, 'utf8'), shipped);
const adapter = { name: 'Card', driver: 'driver 1' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-devices-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const works: Verdict = {
  device: 'webgpu',
  plan: { device: 'webgpu', grouped: 'float16', chunkTokens: 128 },
  logitError: 0.012,
  speed: { prompt1000Ms: 80, tokenMs: 2 },
  processor: { prompt1000Ms: 1200, tokenMs: 12 },
  details: [],
};

describe('the store', () => {
  test('keeps verdicts, the latest of each device, and counts early ends', async () => {
    const store = new VerdictStore(path.join(folder, 'new'));
    expect(await store.read('key')).toEqual({ verdicts: [], earlyEnds: 0 });
    await store.keep('key', [{ device: 'webgpu', details: ['old'] }]);
    await store.countStart('key');
    await store.countStart('key');
    expect((await store.read('key')).earlyEnds).toBe(2);
    await store.ended('key');
    await store.keep('key', [works]);
    expect(await new VerdictStore(path.join(folder, 'new')).read('key')).toEqual({
      verdicts: [works],
      earlyEnds: 0,
    });
    expect((await store.read('other')).verdicts).toEqual([]);
  });

  test.each(['', '{', '{"key": {"verdicts": [{"device": "abacus", "details": []}], "earlyEnds": 0}}'])(
    'takes a damaged file for none (%j)',
    async (text) => {
      writeFileSync(path.join(folder, 'devices.json'), text);
      const store = new VerdictStore(folder);
      expect(await store.read('key')).toEqual({ verdicts: [], earlyEnds: 0 });
      await store.keep('key', [works]);
      expect((await store.read('key')).verdicts).toEqual([works]);
    },
  );

  test('a key holds for one driver, bundle and number of threads', () => {
    const key = (driver: string, name: string, threads: number, drivers: readonly string[] = []) =>
      verdictKey([{ name: 'Card', driver }], drivers, { ...bundle, name }, threads);
    const keys = [
      key('driver 1', 'A', 1),
      key('driver 2', 'A', 1),
      key('driver 1', 'B', 1),
      key('driver 1', 'A', 2),
      key('driver 1', 'A', 1, ['/usr/share/vulkan/icd.d/card.json']),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key('driver 1', 'A', 1)).toBe(keys[0]);
  });
});

describe('memory', () => {
  test('limits the sequence to what fits beside the weights', () => {
    expect(roomFor(bundle, [adapter])).toBeUndefined();
    expect(roomFor(bundle, [{ ...adapter, memory: 8e9, free: 8e9 }])).toEqual({ kind: 'fits', tokens: 8192 });
    const tight = roomFor(bundle, [{ ...adapter, memory: 8e9, free: 4e8 }]);
    expect(tight).toMatchObject({ kind: 'fits' });
    expect(tight?.kind === 'fits' && tight.tokens).toBeLessThan(8192);
    expect(roomFor(bundle, [{ ...adapter, memory: 8e9, free: 1e8 }])).toMatchObject({ kind: 'too-small' });
  });

  test('of a card is nothing to WebAssembly, and early ends of its drivers are not either', async () => {
    const machine = { adapters: [{ ...adapter, memory: 2e8, free: 1e8 }], drivers: [] };
    const script = path.join(folder, 'echo.mjs');
    writeFileSync(
      script,
      `process.on('message', (order) => process.send({ kind: 'failed', message: JSON.stringify(order) }, () => process.exit()));`,
    );
    const devices = new Devices({
      storage: folder,
      bundle: { ...bundle, folder: 'here' },
      threads: 3,
      machine,
      probe: { script },
    });
    const [verdict] = await devices.try(['wasm']);
    expect(verdict!.failure?.problem).toBe(
      'WebAssembly failed: {"bundle":"here","device":"wasm","threads":3}.',
    );
    await devices.started();
    await devices.started();
    expect((await devices.choose('wasm')).plan).toEqual({ device: 'wasm' });
  });

  test('is not tried where it is too small', async () => {
    const machine = { adapters: [{ ...adapter, memory: 2e8, free: 1e8 }], drivers: ['card.json'] };
    const probe = { script: path.join(folder, 'never-started.mjs') };
    const devices = new Devices({
      storage: folder,
      bundle: { ...bundle, folder },
      threads: 1,
      machine,
      probe,
    });
    const [verdict] = await devices.try(['webgpu']);
    expect(verdict!.failure?.problem).toMatch(/has 100 MB free, and the model needs \d+ MB for WebGPU/);
    expect((await devices.choose('webgpu')).why).toBe(verdict!.failure!.problem);
  });
});

test('the report names adapters, results, failures and remedies', () => {
  const cuda: Verdict = {
    device: 'cuda',
    failure: {
      problem: 'CUDA needs the library libcudnn.so.9, which is missing.',
      remedy: 'Install cuDNN 9.',
    },
    details: ['cannot open shared object file'],
  };
  const machine = {
    adapters: [
      { ...adapter, memory: 8e9, free: 6e9 },
      { name: 'Other card', driver: 'driver 2' },
    ],
    drivers: ['/usr/share/vulkan/icd.d/card.json'],
  };
  const choice = { plan: works.plan!, why: 'It is faster.', untried: [] };
  const report = deviceReport(bundle, 'auto', machine, [works, cuda], choice);
  for (const words of [
    'runs on **WebGPU**. It is faster.',
    '- Card: driver 1, 8.0 GB, 6.0 GB of them free',
    '- Other card: driver 2',
    'With several adapters, WebGPU takes the one',
    '| WebGPU | works, half precision, prompt in chunks of 128 | 2.0 | 80.0 | 1.2 % |',
    '| CPU | the measure | 12.0 | 1200.0 | |',
    '**CUDA**: CUDA needs the library libcudnn.so.9, which is missing. Install cuDNN 9.',
    'cannot open shared object file',
  ]) {
    expect(report).toContain(words);
  }
});
