/** Which device is chosen: by the setting, the platform, and what trials have shown. */
import { describe, expect, test } from 'vitest';
import { chooseDevice } from '../../../language-server/inference/devices/choose-device.js';
import type { Device } from '../../../language-server/inference/devices/device.js';
import type { Verdict } from '../../../language-server/inference/devices/run-probe.js';

const processor = { prompt1000Ms: 1000, tokenMs: 12 };

function works(device: Device, share: number): Verdict {
  const speed = { prompt1000Ms: 1000 * share, tokenMs: 12 * share };
  return { device, plan: { device, chunkTokens: 16 }, logitError: 0.01, speed, processor, details: [] };
}

function fails(device: Device, problem: string): Verdict {
  return { device, failure: { problem, remedy: 'Do something.' }, details: [] };
}

const known = (...verdicts: readonly Verdict[]) => ({ verdicts, earlyEnds: 0 });

describe('auto', () => {
  test('takes the fastest device that is faster than the processor, and says how much', () => {
    const choice = chooseDevice('auto', 'linux-x64', known(works('webgpu', 0.5), works('cuda', 0.2)));
    expect(choice).toEqual({
      plan: { device: 'cuda', chunkTokens: 16 },
      why: 'CUDA takes 2.4 ms a token, the CPU 12.0.',
      untried: [],
    });
  });

  test('keeps to the processor where a device saves too little', () => {
    const choice = chooseDevice('auto', 'win32-x64', known(works('webgpu', 0.95)));
    expect(choice.plan.device).toBe('cpu');
    expect(choice.why).toBe('WebGPU works, but is not faster: WebGPU takes 11.4 ms a token, the CPU 12.0.');
  });

  test('names what is untried, and stays on the processor meanwhile', () => {
    const choice = chooseDevice('auto', 'linux-x64', known(fails('cuda', 'CUDA is not there.')));
    expect(choice).toEqual({
      plan: { device: 'cpu' },
      why: 'WebGPU is being tried.',
      untried: ['webgpu'],
    });
  });

  test('says what failed where nothing works', () => {
    const both = known(fails('webgpu', 'There is no adapter.'), fails('cuda', 'CUDA is not there.'));
    expect(chooseDevice('auto', 'linux-x64', both)).toMatchObject({
      plan: { device: 'cpu' },
      why: 'There is no adapter. CUDA is not there.',
    });
  });

  test('tries nothing where there is nothing to try', () => {
    const choice = chooseDevice('auto', 'linux-arm64', known());
    expect(choice).toMatchObject({
      plan: { device: 'cpu' },
      untried: [],
      why: 'No graphics device is supported on linux-arm64.',
    });
  });
});

describe('a device by name', () => {
  test('is taken when it works, slower or not', () => {
    expect(chooseDevice('webgpu', 'linux-x64', known(works('webgpu', 3))).plan.device).toBe('webgpu');
  });

  test('gives way to the processor, with the reason, when it does not', () => {
    const choice = chooseDevice('webgpu', 'linux-x64', known(fails('webgpu', 'There is no adapter.')));
    expect(choice).toMatchObject({ plan: { device: 'cpu' }, why: 'There is no adapter.', untried: [] });
  });

  test.each([
    ['dml', 'linux-x64', 'DirectML does not exist on linux-x64, only on win32-x64, win32-arm64'],
    ['coreml', 'win32-x64', 'CoreML does not exist on win32-x64, only on darwin-arm64'],
    ['cuda', 'darwin-arm64', 'CUDA does not exist on darwin-arm64, only on linux-x64'],
    ['webgpu', 'linux-arm64', 'WebGPU does not exist on linux-arm64'],
  ] as const)('%s on %s is not there, and that is said', (setting, platform, words) => {
    const choice = chooseDevice(setting, platform, known());
    expect(choice.plan.device).toBe('cpu');
    expect(choice.untried).toEqual([]);
    expect(choice.why).toContain(words);
    expect(choice.why).toContain('change the setting candor.device');
  });

  test('is no longer trusted when the server has ended soon after its start, twice', () => {
    const once = chooseDevice('webgpu', 'linux-x64', { verdicts: [works('webgpu', 0.5)], earlyEnds: 1 });
    const twice = chooseDevice('webgpu', 'linux-x64', { verdicts: [works('webgpu', 0.5)], earlyEnds: 2 });
    expect([once.plan.device, twice.plan.device]).toEqual(['webgpu', 'cpu']);
    expect(twice.why).toContain('ended 2 times soon after');
  });
});

describe('WebAssembly', () => {
  test.each(['auto', 'cpu', 'webgpu'] as const)(
    'runs the model where there is no native library, whatever is asked for (%s)',
    (setting) => {
      for (const platform of ['darwin-x64', 'linux-arm', 'freebsd-x64']) {
        expect(chooseDevice(setting, platform, known())).toEqual({
          plan: { device: 'wasm' },
          why: `ONNX Runtime has no native library for ${platform}. WebAssembly runs the model, which is slower.`,
          untried: [],
        });
      }
    },
  );

  test('can be asked for everywhere, and needs no trial', () => {
    const choice = chooseDevice('wasm', 'linux-x64', { verdicts: [], earlyEnds: 5 });
    expect(choice).toEqual({
      plan: { device: 'wasm' },
      why: 'The setting candor.device asks for it.',
      untried: [],
    });
  });

  test('is never taken by itself where there is a native library', () => {
    const choice = chooseDevice('auto', 'linux-arm64', known(works('wasm', 0.1)));
    expect(choice.plan.device).toBe('cpu');
  });
});

test('the processor can be asked for', () => {
  expect(chooseDevice('cpu', 'linux-x64', known(works('webgpu', 0.1)))).toMatchObject({
    plan: { device: 'cpu' },
    why: 'The setting candor.device asks for it.',
  });
});
