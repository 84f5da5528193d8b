/** What the drafts benchmark is asked for: where the model runs, what is compared, and at which lengths. */
import { expect, test } from 'vitest';
import { WrongArguments } from './benchmark.js';
import { arms, comparedOf, lengths } from './drafts/arms.js';
import { deviceAsked } from './gpu/devices-asked.js';
import { planOn } from './gpu/plan-on.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';

test('the CPU, or the device that is named', () => {
  expect(deviceAsked(undefined, 'linux-x64')).toBe('cpu');
  expect(deviceAsked('webgpu', 'linux-x64')).toBe('webgpu');
});

test.each([
  ['abacus', '“abacus” in --device is no device; there are cpu, webgpu, cuda, wasm.'],
  ['dml', '“dml” in --device does not exist on linux-x64; there are cpu, webgpu, cuda, wasm.'],
  ['webgpu,cuda', '“webgpu,cuda” in --device is no device; there are cpu, webgpu, cuda, wasm.'],
])('the device %j is refused', (asked, message) => {
  expect(() => deviceAsked(asked, 'linux-x64')).toThrow(new WrongArguments(message));
});

test('a device that does not work ends the run in words', async () => {
  const folder = await randomBundleFolder({ architecture: { layers: 2 }, exits: [1, 2] });
  // The library of Macs alone has CoreML.
  const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
  try {
    await expect(planOn(absent, folder, 1, () => undefined)).rejects.toThrow(
      new RegExp(`^${absent} does not work here: .*\\.$`),
    );
  } finally {
    await removeBundle(folder);
  }
});

test('all arms and lengths, or those that are named', () => {
  expect(comparedOf({})).toEqual({ arms, lengths });
  const some = comparedOf({ arms: 'branches3, superposed3', lengths: '20,10' });
  expect(some.arms.map(({ name }) => name)).toEqual(['superposed3', 'branches3']);
  expect(some.lengths).toEqual([10, 20]);
});

test.each([
  [{ arms: 'branches4' }, /^--arms takes some of superposed3, .*, not “branches4”\.$/],
  [{ lengths: '10,15' }, /^--lengths takes some of 5, 10, 20, 40, not “15”\.$/],
])('%j is refused', (options, message) => {
  expect(() => comparedOf(options)).toThrow(message);
  expect(() => comparedOf(options)).toThrow(WrongArguments);
});
