/** Which device a model runs on: from what the user asks for and what is known. Pure. */
import {
  deviceNames,
  devicesOf,
  onProcessor,
  onWeb,
  platformsOf,
  type Device,
  type DeviceSetting,
  type ModelPlan,
} from './device.js';
import type { Speed } from './probe.js';
import type { Verdict } from './run-probe.js';

export interface Choice {
  readonly plan: ModelPlan;
  /** A sentence for the status item: why this device. */
  readonly why: string;
  /** Devices that must be tried before more can be said. */
  readonly untried: readonly Device[];
}

/** A device must save this share of a suggestion's time before it is worth its power and its risks. */
const WORTH = 0.1;

/** What `auto` considers: the devices that Candor's own tests can run, or that are there only when they were installed. */
const AUTOMATIC: readonly Device[] = ['webgpu', 'cuda'];

/** What WebAssembly means to a user who did not ask for it. */
export const SLOWER = 'WebAssembly runs the model, which is slower.';

/** Ends soon after a start on a device that make it suspect. */
const MOST_EARLY_ENDS = 2;

export function chooseDevice(
  setting: DeviceSetting,
  platform: string,
  known: { readonly verdicts: readonly Verdict[]; readonly earlyEnds: number },
): Choice {
  const here = devicesOf(platform);
  if (setting === 'wasm') return { plan: onWeb, why: 'The setting candor.device asks for it.', untried: [] };
  if (!here.includes('cpu')) {
    const why = `ONNX Runtime has no native library for ${platform}. ${SLOWER}`;
    return { plan: onWeb, why, untried: [] };
  }
  if (setting === 'cpu') return stay('The setting candor.device asks for it.');
  if (setting !== 'auto' && !here.includes(setting)) {
    return stay(
      `${deviceNames[setting]} does not exist on ${platform}, only on ${platformsOf(setting).join(', ')}; ` +
        'change the setting candor.device.',
    );
  }
  const wanted = setting === 'auto' ? here.filter((device) => AUTOMATIC.includes(device)) : [setting];
  if (wanted.length === 0) return stay(`No graphics device is supported on ${platform}.`);
  if (MOST_EARLY_ENDS <= known.earlyEnds) {
    return stay(
      `The server ended ${known.earlyEnds} times soon after it had begun to use the graphics adapter. ` +
        'Run “Candor: Show Device Report” to try it again.',
    );
  }
  const verdicts = known.verdicts.filter(({ device }) => wanted.includes(device));
  const untried = wanted.filter((device) => verdicts.every((verdict) => verdict.device !== device));
  if (untried.length > 0) {
    return stay(`${untried.map((device) => deviceNames[device]).join(' and ')} is being tried.`, untried);
  }
  const working = verdicts
    .filter(({ plan }) => plan !== undefined)
    .sort((a, b) => cost(a.speed) - cost(b.speed));
  const [best] = working;
  if (!best) return stay(verdicts.map(({ failure }) => failure?.problem ?? '').join(' '));
  if (setting === 'auto' && cost(best.speed) > (1 - WORTH) * cost(best.processor)) {
    return stay(`${deviceNames[best.device]} works, but is not faster: ${compared(best)}.`);
  }
  return { plan: best.plan!, why: `${compared(best)}.`, untried: [] };
}

function stay(why: string, untried: readonly Device[] = []): Choice {
  return { plan: onProcessor, why, untried };
}

/** Milliseconds of a usual suggestion: a few lines read anew, a line written. */
function cost(speed: Speed | undefined): number {
  return speed ? 0.05 * speed.prompt1000Ms + 12 * speed.tokenMs : Infinity;
}

function compared({ device, plan, speed, processor }: Verdict): string {
  const half = plan?.grouped === 'float16' ? ' in half precision' : '';
  const ms = (value: number | undefined) => (value === undefined ? '?' : value.toFixed(1));
  return `${deviceNames[device]}${half} takes ${ms(speed?.tokenMs)} ms a token, the CPU ${ms(processor?.tokenMs)}`;
}
