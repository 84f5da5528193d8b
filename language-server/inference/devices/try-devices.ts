/** Tries devices with a bundle, each in a process of its own, and remembers what came of it. */
import type { BundleDescription } from '../bundle.js';
import { listAdapters, type Adapter } from './adapters.js';
import { chooseDevice, type Choice } from './choose-device.js';
import { deviceNames, platformHere, type Device, type DeviceSetting } from './device.js';
import { explainFailure, type Explained } from './explain-failure.js';
import { runProbe, type ProbeRun, type Verdict } from './run-probe.js';
import { verdictKey, VerdictStore } from './verdict-store.js';
import { vulkanDrivers } from './vulkan-drivers.js';

export interface Machine {
  readonly adapters: readonly Adapter[];
  /** Vulkan's driver files; empty where there is no such thing. */
  readonly drivers: readonly string[];
}

export async function thisMachine(): Promise<Machine> {
  const drivers = process.platform === 'linux' ? await vulkanDrivers() : [];
  return { adapters: await listAdapters(), drivers };
}

export interface DevicesOptions {
  /** Folder in which verdicts are kept. */
  readonly storage: string;
  readonly bundle: BundleDescription & { readonly folder: string };
  readonly threads: number;
  readonly machine: Machine;
  readonly probe: ProbeRun;
}

/** The devices of this machine, for one bundle. */
export class Devices {
  private readonly store: VerdictStore;
  private readonly key: string;

  constructor(private readonly options: DevicesOptions) {
    const { storage, machine, bundle, threads } = options;
    this.store = new VerdictStore(storage);
    this.key = verdictKey(machine.adapters, machine.drivers, bundle, threads);
  }

  /** From what is remembered, without trying anything. */
  async choose(setting: DeviceSetting): Promise<Choice> {
    return chooseDevice(setting, platformHere, await this.store.read(this.key));
  }

  /** Tries devices one after the other and remembers the verdicts. Cards without the memory are not tried. */
  async try(devices: readonly Device[]): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    for (const device of devices) verdicts.push(await this.tryOne(device));
    if (this.options.probe.signal?.aborted !== true) await this.store.keep(this.key, verdicts);
    return verdicts;
  }

  /** A model begins to run on a device. */
  started(): Promise<void> {
    return this.store.countStart(this.key);
  }

  /** It has run for a while, or ended in good order. */
  lasted(): Promise<void> {
    return this.store.ended(this.key);
  }

  private async tryOne(device: Device): Promise<Verdict> {
    const { bundle, machine, threads, probe } = this.options;
    const absent = absence(device, machine);
    if (absent) return { device, failure: absent, details: [] };
    const room = device === 'wasm' ? undefined : roomFor(bundle, machine.adapters);
    if (room?.kind === 'too-small') {
      const problem =
        `The graphics adapter has ${megabytes(room.free)} MB free, ` +
        `and the model needs ${megabytes(room.needed)} MB for ${deviceNames[device]}.`;
      const remedy = 'Close programs that use the graphics adapter, or choose a smaller bundle.';
      return { device, failure: { problem, remedy }, details: [] };
    }
    const mostTokens = room && { mostTokens: room.tokens };
    return runProbe({ bundle: bundle.folder, device, threads, ...mostTokens }, probe);
  }
}

/** What the system's own lists say against a device, so that no process need be started to find it out. */
export function absence(device: Device, { adapters, drivers }: Machine): Explained | undefined {
  if (process.platform !== 'linux') return undefined;
  if (device === 'webgpu' && drivers.length === 0) return explainFailure(device, 'No supported adapters');
  if (device === 'cuda' && !adapters.some(({ driver }) => driver.startsWith('nvidia')))
    return explainFailure(device, 'no CUDA-capable device');
  return undefined;
}

/** A sequence shorter than this is not worth a model. */
const FEWEST_TOKENS = 1024;

/** Share of the free memory that may be taken; kernels and other programs need some too. */
const SHARE = 0.8;

type Room =
  | { readonly kind: 'too-small'; readonly free: number; readonly needed: number }
  | { readonly kind: 'fits'; readonly tokens: number };

/** How long a sequence fits beside the weights, where an adapter says how much memory is free; else undefined. */
export function roomFor(bundle: BundleDescription, adapters: readonly Adapter[]): Room | undefined {
  const free = Math.max(...adapters.map((adapter) => adapter.free ?? -1));
  if (free < 0) return undefined;
  const { layers, keyValueHeads, headSize, context } = bundle.architecture;
  const weights = bundle.files.reduce((sum, { file, bytes }) => sum + (file.endsWith('.bin') ? bytes : 0), 0);
  // Keys and values as float32, twice: a run makes a new cache out of the old one.
  const perToken = 2 * 2 * 4 * layers * keyValueHeads * headSize;
  const tokens = Math.min(context, Math.floor((SHARE * free - weights) / perToken));
  if (tokens >= Math.min(FEWEST_TOKENS, context)) return { kind: 'fits', tokens };
  return { kind: 'too-small', free, needed: (weights + FEWEST_TOKENS * perToken) / SHARE };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
