/** Messages of ONNX Runtime, drivers and loaders, as they are, and what the user reads. */
import { describe, expect, test } from 'vitest';
import { parseNvidia } from '../../../language-server/inference/devices/adapters.js';
import type { Device } from '../../../language-server/inference/devices/device.js';
import {
  explainFailure,
  missingLibrary,
} from '../../../language-server/inference/devices/explain-failure.js';

const cases: readonly (readonly [what: string, Device, why: string, problem: string, remedy: string])[] = [
  [
    'no adapter',
    'webgpu',
    'adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters',
    'finds no graphics adapter',
    'driver',
  ],
  [
    'a device that the library does not hold',
    'dml',
    'no available backend found. ERR: [dml] backend not found.',
    'has no DirectML',
    'build of Candor for this platform',
  ],
  [
    'limits that are too small',
    'webgpu',
    'Buffer size (402653184) exceeds the max buffer size limit (268435456).',
    'limits of the graphics adapter are too small',
    'smaller bundle',
  ],
  [
    'too little memory',
    'webgpu',
    'Failed to allocate memory for requested buffer: out of device memory',
    'memory of the graphics adapter is not enough',
    'smaller bundle',
  ],
  [
    'no native library',
    'webgpu',
    'The native library of ONNX Runtime does not load on linux-x64: Cannot find package. Install the build of Candor.',
    'WebGPU needs ONNX Runtime’s native library: the native library of ONNX Runtime does not load on linux-x64',
    '',
  ],
  [
    'too little memory in WebAssembly',
    'wasm',
    'std::bad_alloc',
    'does not fit into the memory of WebAssembly',
    'smaller bundle',
  ],
  [
    'a lost device',
    'webgpu',
    'WebGPU device lost (1): The Vulkan device was lost',
    'was lost while WebGPU ran',
    'Update its driver',
  ],
  [
    'the provider of CUDA',
    'cuda',
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    'libonnxruntime_providers_shared.so',
    'docs/devices.md',
  ],
  [
    'cuDNN',
    'cuda',
    'Failed to load library libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: No such file or directory',
    'CUDA needs the library libcudnn.so.9, which is missing.',
    'Install cuDNN 9',
  ],
  ...['12', '13'].map(
    (version) =>
      [
        `the runtime of CUDA ${version}`,
        'cuda',
        `with error: libcublasLt.so.${version}: cannot open shared object file: No such file or directory`,
        `libcublasLt.so.${version}`,
        `Install the CUDA ${version} runtime`,
      ] as const,
  ),
  [
    'a part of CUDA with a number of its own',
    'cuda',
    'with error: libcurand.so.10: cannot open shared object file: No such file or directory',
    'libcurand.so.10',
    'Install the runtime of the CUDA that `ldd libonnxruntime_providers_cuda.so` names',
  ],
  [
    'the NVIDIA driver',
    'cuda',
    'with error: libcuda.so.1: cannot open shared object file: No such file or directory',
    'libcuda.so.1',
    'Install the NVIDIA driver',
  ],
  [
    'anything else',
    'coreml',
    'Something odd.\nat line 3',
    'CoreML failed: Something odd.',
    'keep to the CPU',
  ],
];

describe('what the user reads', () => {
  test.each(cases)('%s', (_, device, why, problem, remedy) => {
    const explained = explainFailure(device, why);
    expect(explained.problem).toContain(problem);
    expect(explained.remedy).toContain(remedy);
  });
});

test('a library is named only where one is missing', () => {
  expect(missingLibrary('the shader libfoo does not compile')).toBeUndefined();
});

test('nvidia-smi’s lines, of two adapters', () => {
  const lines = 'NVIDIA GeForce RTX 4070, 550.54.14, 12282, 11000\nNVIDIA T4, 550.54.14, 15360, 300\n\n';
  expect(parseNvidia(lines)).toEqual([
    {
      name: 'NVIDIA GeForce RTX 4070',
      driver: 'nvidia 550.54.14',
      memory: 12282 * 2 ** 20,
      free: 11000 * 2 ** 20,
    },
    { name: 'NVIDIA T4', driver: 'nvidia 550.54.14', memory: 15360 * 2 ** 20, free: 300 * 2 ** 20 },
  ]);
  expect(parseNvidia('')).toEqual([]);
});
