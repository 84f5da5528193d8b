/** The devices that a model can run on, and where each of them exists. */

export const DEVICES = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'wasm'] as const;

/** By ONNX Runtime's names of its execution providers. `wasm` is the processor too, without the native library. */
export type Device = (typeof DEVICES)[number];

/** What the native library can run on. */
export type NativeDevice = Exclude<Device, 'wasm'>;

/** What a user can ask for. */
export type DeviceSetting = 'auto' | Device;

/** How a user reads it. */
export const deviceNames: Readonly<Record<Device, string>> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
  wasm: 'WebAssembly',
};

/** Platforms, as `process.platform-process.arch`, whose native library carries a device. */
const platforms: Readonly<Record<NativeDevice, readonly string[]>> = {
  cpu: ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
  webgpu: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
  cuda: ['linux-x64'],
  dml: ['win32-x64', 'win32-arm64'],
  coreml: ['darwin-arm64'],
};

export const platformHere = `${process.platform}-${process.arch}`;

/** Devices that could be there on a platform, the processor first; WebAssembly is everywhere. */
export function devicesOf(platform: string): readonly Device[] {
  return DEVICES.filter((device) => device === 'wasm' || platforms[device].includes(platform));
}

/** Where a device exists, for messages. */
export function platformsOf(device: NativeDevice): readonly string[] {
  return platforms[device];
}

/** How a model is run: where, by which graphs, in which pieces. */
export interface ModelPlan {
  readonly device: Device;
  /** Which of the bundle's graphs that keep their cache on the device to run; without it those for processors. */
  readonly grouped?: 'float32' | 'float16';
  /** Prompt tokens in one run of a block. */
  readonly chunkTokens?: number;
  /** Most tokens of a sequence, where memory allows fewer than the model does. */
  readonly mostTokens?: number;
}

export const onProcessor: ModelPlan = { device: 'cpu' };
export const onWeb: ModelPlan = { device: 'wasm' };
