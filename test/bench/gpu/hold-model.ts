/**
 * How much memory a model takes on a device, alone in its process:
 * `node --import tsx test/bench/gpu/hold-model.ts BUNDLE DEVICE [TOKENS]`, one line of JSON, in MB.
 *
 * Loads the model in large chunks, and on WebGPU in half precision, reads so many tokens (else 1,000) and writes some.
 * The card's memory is what its driver counts for the whole card (nvidia-smi, amdgpu) beyond what was in use before, so
 * nothing else should come and go meanwhile. Native memory of the process itself, its peak too, is Linux's count.
 */
import { readFile } from 'node:fs/promises';
import { readBundle } from '../../../language-server/inference/bundle.js';
import { listAdapters } from '../../../language-server/inference/devices/adapters.js';
import {
  DEVICES,
  onProcessor,
  type Device,
  type ModelPlan,
} from '../../../language-server/inference/devices/device.js';
import { plansFor } from '../../../language-server/inference/devices/probe.js';
import { loadOnnxModel } from '../../../language-server/inference/onnx-model.js';
import { threadsFor } from '../../../language-server/open-engine.js';
import { readWebGraph } from '../../../models/convert/web-graph.js';
import { roundOf } from './device-round.js';

async function held(folder: string, device: Device, tokens: number): Promise<Record<string, unknown>> {
  const bundle = await readBundle(folder);
  const plan: ModelPlan = device === 'cpu' ? onProcessor : plansFor(device, bundle)[1]!;
  const free = await freeOnCard();
  const onCard = async () => ((free ?? NaN) - ((await freeOnCard()) ?? NaN)) / 1e6;
  const began = performance.now();
  const model = await loadOnnxModel(bundle, { ...plan, threads: threadsFor(0), readWebGraph });
  const loadMs = performance.now() - began;
  const loaded = { card: await onCard(), process: (await ofProcess()).now };
  // Any tokens do.
  const prompt = Array.from({ length: tokens }, (_, index) => 2 + (index % 200));
  await roundOf(model, prompt, 8);
  const after = { card: await onCard(), process: (await ofProcess()).now };
  const answer = { device, plan, tokens, load_ms: loadMs, loaded, after, peak: (await ofProcess()).most };
  await model.release();
  return answer;
}

/** Bytes free on the first card whose driver says so. */
async function freeOnCard(): Promise<number | undefined> {
  return (await listAdapters()).find(({ free }) => free !== undefined)?.free;
}

/** Megabytes of this process in memory, now and at most. */
async function ofProcess(): Promise<{ readonly now: number; readonly most: number }> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const read = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: process.memoryUsage.rss() / 1e6, most: read('VmHWM') };
}

const [folder, name, tokens = '1000'] = process.argv.slice(2);
const device = DEVICES.find((known) => known === name);
if (folder === undefined || device === undefined) {
  console.error(`Usage: node --import tsx test/bench/gpu/hold-model.ts BUNDLE ${DEVICES.join('|')} [TOKENS]`);
  process.exitCode = 2;
} else {
  console.log(JSON.stringify(await held(folder, device, Number(tokens))));
}
