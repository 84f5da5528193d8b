/**
 * The whole path on WebGPU, as built: the probe in its own process, the choice, the worker that writes there, and what
 * happens when the adapter vanishes. Needs `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';
import { adapterVariables, noAdapterVariables, scratchFolder } from './software-adapter.js';

let folder: string;
let scratch: string;
const cli = path.resolve(import.meta.dirname, '../../dist/cli.mjs');

beforeAll(async () => {
  folder = await randomBundleFolder({ architecture: { layers: 2 }, exits: [1, 2] });
  scratch = scratchFolder();
  writeFileSync(path.join(scratch, 'place.ts'), 'const a = ');
});

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await removeBundle(folder);
});

interface Answered {
  readonly items: readonly { readonly text: string }[];
  readonly device: string;
}

/** The command line on the bundle, with its memory of devices under `state`. */
function candor(words: readonly string[], state: string, variables: Record<string, string>) {
  const env = { ...process.env, ...variables, XDG_STATE_HOME: path.join(scratch, state) };
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...words, '--bundle', folder], {
    env,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

function complete(device: string, state: string, variables: Record<string, string>) {
  const place = `${path.join(scratch, 'place.ts')}:1:11`;
  const flags = ['--json', '--no-syntax', '--no-monitors', '--drafts', '1', '--max-tokens', '6'];
  const { stdout, stderr } = candor(['complete', place, ...flags, '--device', device], state, variables);
  return { answered: JSON.parse(stdout) as Answered, stderr };
}

test('the report tells what was tried', () => {
  const { stdout } = candor(['devices'], 'card', adapterVariables());
  expect(stdout).toMatch(/\| WebGPU \| works/);
  expect(stdout).toMatch(/\| CPU \| the measure \| \d/);
});

test('a suggestion written on WebGPU is the processor’s; once tried, the device is remembered', () => {
  const onCard = complete('webgpu', 'card', adapterVariables());
  expect(onCard.answered.device).toBe('webgpu');
  const onProcessor = complete('cpu', 'card', adapterVariables());
  expect(onProcessor.answered.device).toBe('cpu');
  expect(onCard.answered.items.map(({ text }) => text)).toEqual(
    onProcessor.answered.items.map(({ text }) => text),
  );
  expect(onCard.answered.items).toHaveLength(1);
});

test('the adapter vanishes: the processor answers, and says why', () => {
  const { answered, stderr } = complete('webgpu', 'none', noAdapterVariables());
  expect(answered.device).toBe('cpu');
  expect(answered.items).toHaveLength(1);
  expect(stderr).toContain('The CPU is used. WebGPU finds no graphics adapter that it can use.');
});

test('the adapter vanishes after it was remembered: the model moves to the processor while it loads', () => {
  // The same drivers by name, so that the memory of the first test holds, but a loader that finds none of them.
  const broken = { ...adapterVariables(), VK_LOADER_DRIVERS_SELECT: 'none', VK_LOADER_DRIVERS_DISABLE: '*' };
  const { answered } = complete('webgpu', 'card', broken);
  expect(answered.device).toBe('cpu');
  expect(answered.items).toHaveLength(1);
});
