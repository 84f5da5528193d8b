/** How a model runs on the one device that a run is about: no other device takes its place. */
import { readBundle } from '../../../language-server/inference/bundle.js';
import { explainFailure } from '../../../language-server/inference/devices/explain-failure.js';
import {
  onProcessor,
  type Device,
  type ModelPlan,
} from '../../../language-server/inference/devices/device.js';
import { probe } from '../../../language-server/inference/devices/probe.js';
import { DeviceFailure } from '../../../language-server/inference/engine-failure.js';
import { readWebGraph } from '../../../models/convert/web-graph.js';
import { nodesOnDevice } from './nodes-on-device.js';

/** The CPU is not tried. @throws Error that says in words why a device does not work with the bundle in `folder`. */
export async function planOn(
  device: Device,
  folder: string,
  threads: number,
  progress: (line: string) => void,
): Promise<ModelPlan> {
  if (device === 'cpu') return onProcessor;
  try {
    const { plan, failures } = await probe({ bundle: folder, device, threads }, readWebGraph);
    if (!plan) throw new Error(`${device} does not work here: ${failures.join('; ')}.`);
    if ((await nodesOnDevice(await readBundle(folder), plan)) === 0)
      throw new Error(`${device} does not work here: the CPU runs everything in its place.`);
    progress(`${device}: ${plan.grouped ?? 'two-part'}, prompt in chunks of ${plan.chunkTokens ?? 0}.`);
    return plan;
  } catch (error) {
    if (!(error instanceof DeviceFailure)) throw error;
    const { problem, remedy } = explainFailure(device, error.why);
    throw new Error(`${device} does not work here: ${problem} ${remedy}`.trim(), { cause: error });
  }
}
