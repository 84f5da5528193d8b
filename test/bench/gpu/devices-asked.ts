/** Which devices a run measures: `--devices webgpu,cuda` besides the CPU, or the one of `--device webgpu`. */
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
    if (name === 'cpu') throw new WrongArguments('The CPU is always measured; --devices names others.');
    return named(name, here, '--devices', platform);
  });
}

/** Without an answer to `--device`, the CPU. @throws WrongArguments as above. */
export function deviceAsked(asked = 'cpu', platform = platformHere): Device {
  return named(asked, devicesOf(platform), '--device', platform);
}

function named(name: string, here: readonly Device[], option: string, platform: string): Device {
  const device = here.find((known) => known === name);
  if (device) return device;
  const why = DEVICES.some((known) => known === name) ? `does not exist on ${platform}` : 'is no device';
  throw new WrongArguments(`“${name}” in ${option} ${why}; there are ${here.join(', ')}.`);
}
