/** Where the nodes of a graph run: ONNX Runtime gives those that a device has no kernel for to the CPU, and says nothing. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as onnx from 'onnxruntime-node';
import type { Bundle } from '../../../language-server/inference/bundle.js';
import { DeviceFailure } from '../../../language-server/inference/engine-failure.js';
import type { ModelPlan, NativeDevice } from '../../../language-server/inference/devices/device.js';

/** As profiles call them. */
const providers: Readonly<Record<NativeDevice, string>> = {
  cpu: 'CPUExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
};

interface Profiled {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/**
 * Share of the nodes of the first block that run on the plan's device, as the runtime's profile of one token says;
 * undefined for WebAssembly, which has no other place to run them.
 * @throws DeviceFailure when the block does not run.
 */
export async function nodesOnDevice(
  bundle: Bundle,
  { device, grouped }: ModelPlan,
): Promise<number | undefined> {
  if (device === 'wasm') return undefined;
  const graphs = bundle.grouped?.find(({ precision }) => precision === grouped);
  const file = graphs ? graphs.blocks[0]! : bundle.blocks[0]!.file;
  const folder = await mkdtemp(path.join(tmpdir(), 'candor-profile-'));
  try {
    const session = await onnx.InferenceSession.create(path.join(bundle.folder, file), {
      executionProviders: device === 'cpu' ? ['cpu'] : [{ name: device }, 'cpu'],
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: path.join(folder, 'profile'),
    });
    const feeds = Object.fromEntries(session.inputMetadata.map((input) => [input.name, feedOf(input)]));
    await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [profile] = await readdir(folder);
    const events = JSON.parse(await readFile(path.join(folder, profile!), 'utf8')) as Profiled[];
    const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
    const there = nodes.filter(({ args }) => args?.provider === providers[device]);
    return there.length / nodes.length;
  } catch (error) {
    throw new DeviceFailure(device, error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Zeros for one token behind a cache of one row, so that each length that is left open is one, and a sum of two is two. */
function feedOf(input: onnx.InferenceSession.ValueMetadata): onnx.Tensor {
  if (!input.isTensor) throw new Error(`The input ${input.name} is no tensor.`);
  const shape = input.shape.map((length) => (typeof length === 'number' ? length : length.split('+').length));
  const size = shape.reduce((product, length) => product * length, 1);
  const made: Partial<Record<onnx.Tensor.Type, () => onnx.Tensor>> = {
    float32: () => new onnx.Tensor('float32', new Float32Array(size), shape),
    float16: () => new onnx.Tensor('float16', new Uint16Array(size), shape),
    int64: () => new onnx.Tensor('int64', new BigInt64Array(size), shape),
    int32: () =>
      new onnx.Tensor('int32', new Int32Array(size).fill(input.name === 'total_len' ? 1 : 0), shape),
  };
  const make = made[input.type];
  if (!make) throw new Error(`The input ${input.name} has the type ${input.type}.`);
  return make();
}
