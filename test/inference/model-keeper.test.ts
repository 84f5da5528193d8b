/** The keeper of a model: failures of a device cost no request, rest costs no more than loading again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import type { Device, ModelPlan } from '../../language-server/inference/devices/device.js';
import {
  DeviceFailure,
  EngineFailure,
  NativeLibraryFailure,
} from '../../language-server/inference/engine-failure.js';
import type { Session } from '../../language-server/inference/model.js';
import { ModelKeeper, type HeldModel } from '../../language-server/inference/model-keeper.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { greedyTokens, randomBundleFolder, removeBundle } from '../support/random-engine.js';

let folder: string;
let bundle: Bundle;
const prompt = Array.from({ length: 20 }, (_, index) => 1 + ((index * 37) % 250));

beforeAll(async () => {
  folder = await randomBundleFolder();
  bundle = await readBundle(folder);
});
afterAll(() => removeBundle(folder));

/** A model that fails like a lost device in its n-th step; its release would be a crash. */
function failing(model: HeldModel, step: number, failure: Error): HeldModel {
  let steps = 0;
  return {
    layers: model.layers,
    exits: model.exits,
    maxTokens: model.maxTokens,
    async open(...asked): Promise<Session> {
      const session = await model.open(...asked);
      return {
        root: session.root,
        reading: session.reading,
        forward: (...forward) => (++steps < step ? session.forward(...forward) : Promise.reject(failure)),
        readTree: (...tree) => session.readTree(...tree),
        [Symbol.dispose]: () => {
          session[Symbol.dispose]();
        },
      };
    },
    release: () => Promise.reject(new Error('A lost device must not be asked for anything.')),
  };
}

interface Watched {
  readonly keeper: ModelKeeper;
  readonly loads: ModelPlan[];
  readonly changes: string[];
  readonly fallbacks: string[];
}

function keeperOf(failure: Error, options: { step?: number; restMs?: number } = {}): Watched {
  const loads: ModelPlan[] = [];
  const changes: string[] = [];
  const fallbacks: string[] = [];
  const keeper = new ModelKeeper(
    { device: 'webgpu', grouped: 'float32' },
    {
      restMs: options.restMs ?? 0,
      async load(plan) {
        loads.push(plan);
        // The graphs for graphics cards, on the processor: what fails is made to.
        const model = await loadOnnxModel(bundle, { ...plan, device: 'cpu', threads: 1 });
        return plan.device === 'cpu' || options.step === undefined
          ? model
          : failing(model, options.step, failure);
      },
      onFallback: (failure) =>
        fallbacks.push(failure instanceof DeviceFailure ? failure.why : failure.message),
      onChange: (state, { device }) => changes.push(`${state} ${device}`),
    },
  );
  return { keeper, loads, changes, fallbacks };
}

const lost = new DeviceFailure('webgpu', 'WebGPU device lost (1)');

test.each([1, 4])('a device lost in step %i: the same request is answered by the processor', async (step) => {
  const { keeper, loads, changes, fallbacks } = keeperOf(lost, { step });
  const expected = await loadOnnxModel(bundle, { threads: 1 }).then((model) =>
    greedyTokens(model, prompt, 8),
  );
  expect(await keeper.use((model) => greedyTokens(model, prompt, 8))).toEqual(expected);
  expect(fallbacks).toEqual(['WebGPU device lost (1)']);
  expect(changes).toEqual(['loaded webgpu', 'loaded cpu']);
  expect(keeper.device).toBe('cpu');
  await keeper.use((model) => greedyTokens(model, prompt, 2));
  expect(loads).toHaveLength(2);
  await keeper.release();
});

test('other failures are not the device’s', async () => {
  const { keeper, fallbacks } = keeperOf(new EngineFailure('A bug.'), { step: 2 });
  await expect(keeper.use((model) => greedyTokens(model, prompt, 8))).rejects.toThrow('A bug.');
  expect(fallbacks).toEqual([]);
  expect(keeper.device).toBe('webgpu');
});

test('a device that cannot even load the model', async () => {
  const loads: string[] = [];
  const keeper = new ModelKeeper(
    { device: 'webgpu' },
    {
      restMs: 0,
      load(plan) {
        loads.push(plan.device);
        return plan.device === 'cpu' ? loadOnnxModel(bundle, { threads: 1 }) : Promise.reject(lost);
      },
      onFallback: () => undefined,
      onChange: () => undefined,
    },
  );
  expect(await keeper.use((model) => greedyTokens(model, prompt, 4))).toHaveLength(4);
  expect(loads).toEqual(['webgpu', 'cpu']);
  await keeper.release();
});

const noLibrary = new NativeLibraryFailure('The native library does not load.');

/** Loads nothing but what `loadable` names; what the others say is in `failures`. */
function ladder(chosen: ModelPlan, failures: Partial<Record<Device, Error>>) {
  const loads: string[] = [];
  const told: string[] = [];
  const keeper = new ModelKeeper(chosen, {
    restMs: 0,
    load({ device }) {
      loads.push(device);
      const failure = failures[device];
      return failure ? Promise.reject(failure) : loadOnnxModel(bundle, { threads: 1 });
    },
    onFallback: ({ message }) => told.push(message),
    onChange: () => undefined,
  });
  const ask = () => keeper.use((model) => greedyTokens(model, prompt, 2));
  return { keeper, loads, told, ask };
}

test.each(['cpu', 'webgpu'] as const)(
  'without a native library WebAssembly takes over from %s',
  async (device) => {
    const { keeper, loads, told, ask } = ladder({ device }, { cpu: noLibrary, webgpu: noLibrary });
    expect(await ask()).toHaveLength(2);
    expect({ loads, told, device: keeper.device }).toEqual({
      loads: [device, 'wasm'],
      told: ['The native library does not load.'],
      device: 'wasm',
    });
    await keeper.release();
  },
);

test('a lost device and no native library: WebAssembly takes over from both', async () => {
  const { loads, told, ask } = ladder({ device: 'webgpu' }, { webgpu: lost, cpu: noLibrary });
  expect(await ask()).toHaveLength(2);
  expect(loads).toEqual(['webgpu', 'cpu', 'wasm']);
  expect(told).toEqual(['WebGPU failed: WebGPU device lost (1).', 'The native library does not load.']);
});

test.each(['cpu', 'wasm'] as const)(
  'where nothing runs, what WebAssembly said is told (%s)',
  async (device) => {
    const full = new DeviceFailure('wasm', 'std::bad_alloc');
    const { loads, ask } = ladder({ device }, { wasm: full, cpu: noLibrary });
    await expect(ask()).rejects.toBe(full);
    expect(loads).toEqual(device === 'cpu' ? ['cpu', 'wasm'] : ['wasm', 'cpu']);
  },
);

test('the processor takes over from WebAssembly that was asked for', async () => {
  const { loads, ask } = ladder({ device: 'wasm' }, { wasm: new DeviceFailure('wasm', 'std::bad_alloc') });
  expect(await ask()).toHaveLength(2);
  expect(loads).toEqual(['wasm', 'cpu']);
});

test('a model in WebAssembly is not unloaded to rest, which would give nothing back', async () => {
  const loads: string[] = [];
  const keeper = new ModelKeeper(
    { device: 'wasm' },
    {
      restMs: 1,
      load: ({ device }) => {
        loads.push(device);
        return loadOnnxModel(bundle, { threads: 1 });
      },
      onFallback: () => undefined,
      onChange: (state) => loads.push(state),
    },
  );
  await keeper.use((model) => greedyTokens(model, prompt, 1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await keeper.use((model) => greedyTokens(model, prompt, 1));
  expect(loads).toEqual(['wasm', 'loaded']);
  await keeper.release();
});

test('moving keeps the old model until the new one is there', async () => {
  const { keeper, changes } = keeperOf(lost);
  await keeper.use((model) => greedyTokens(model, prompt, 1));
  await keeper.move({ device: 'cpu' });
  expect(keeper.device).toBe('cpu');
  expect(changes).toEqual(['loaded webgpu', 'loaded cpu']);
  expect(await keeper.use((model) => greedyTokens(model, prompt, 2))).toHaveLength(2);
  await keeper.release();
});

test('a model at rest is unloaded, and loaded again by the next request', async () => {
  const { keeper, loads, changes } = keeperOf(lost, { restMs: 20 });
  const before = await keeper.use((model) => greedyTokens(model, prompt, 4));
  while (!changes.includes('resting webgpu')) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await keeper.use((model) => greedyTokens(model, prompt, 4))).toEqual(before);
  expect(loads).toHaveLength(2);
  expect(changes.slice(0, 3)).toEqual(['loaded webgpu', 'resting webgpu', 'loaded webgpu']);
  await keeper.release();
});
