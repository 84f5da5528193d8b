/** Names in `--devices` of the gpu benchmark, and how a run knows that a device did the work. */
import { expect, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import type { Device } from '../../language-server/inference/devices/device.js';
import { startRuntime } from '../../language-server/inference/onnx-session.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';
import { WrongArguments } from './benchmark.js';
import { devicesAsked } from './gpu/devices-asked.js';
import { nodesOnDevice } from './gpu/nodes-on-device.js';

test('the usual devices of a platform, or those that are named', () => {
  expect(devicesAsked(undefined, 'linux-x64')).toEqual(['webgpu', 'cuda']);
  expect(devicesAsked(undefined, 'darwin-arm64')).toEqual(['webgpu']);
  expect(devicesAsked(' cuda, wasm,cuda', 'linux-x64')).toEqual(['cuda', 'wasm']);
});

test.each([
  ['webgpu,abacus', '“abacus” in --devices is no device; there are webgpu, cuda, wasm.'],
  ['', '“” in --devices is no device; there are webgpu, cuda, wasm.'],
  ['dml', '“dml” in --devices does not exist on linux-x64; there are webgpu, cuda, wasm.'],
  ['cpu', 'The CPU is always measured; --devices names others.'],
])('%j is refused', (asked, message) => {
  expect(() => devicesAsked(asked, 'linux-x64')).toThrow(new WrongArguments(message));
});

test('a device that the native library does not have is refused, and never run on the CPU instead', async () => {
  // The library of Macs alone has CoreML.
  const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
  await expect(startRuntime(1, absent)).rejects.toThrow(`[${absent}] backend not found`);
});

test('nodes are counted where they run, not where they were asked for', async () => {
  const folder = await randomBundleFolder({ architecture: { layers: 2 }, exits: [1, 2] });
  try {
    const bundle = await readBundle(folder);
    expect(await nodesOnDevice(bundle, { device: 'cpu' })).toBe(1);
    // ONNX Runtime leaves out what it does not know, and the CPU runs all of it.
    const absent: Device = process.platform === 'darwin' ? 'dml' : 'coreml';
    expect(await nodesOnDevice(bundle, { device: absent })).toBe(0);
  } finally {
    await removeBundle(folder);
  }
});
