/** Which devices a run measures besides the CPU: `--devices webgpu,cuda`. */
import {
  devicesOf,
  DEVICES,
  platformHere,
  type Device,
} from '../../../language-server/inference/devices/device.js';
import { WrongArguments } from '../benchmark.js';

const USUAL: readonly Device[] = ['webgpu', 'cuda'];

/** Without an answer to `--devices`, the usual ones of the platform. @throws WrongArguments for a name that is none of its devices. */
export function devicesAsked(asked: string | undefined, platform = platformHere): readonly Device[] {
  const here: readonly Device[] = devicesOf(platform).filter((device) => device !== 'cpu');
  if (asked === undefined) return USUAL.filter((device) => here.includes(device));
  const names = asked.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const device = here.find((known) => known === name);
    if (device) return device;
    if (name === 'cpu') throw new WrongArguments('The CPU is always measured; --devices names others.');
    const why = DEVICES.some((known) => known === name) ? `does not exist on ${platform}` : 'is no device';
    throw new WrongArguments(`“${name}” in --devices ${why}; there are ${here.join(', ')}.`);
  });
}
