/** Where an engine runs: starts it on what is known, tries devices beside it, and moves it when that is worth it. */
import { SLOWER, type Choice } from './inference/devices/choose-device.js';
import { devicesOf, onWeb, platformHere, type DeviceSetting } from './inference/devices/device.js';
import { deviceReport } from './inference/devices/device-report.js';
import { Devices, thisMachine, type Machine } from './inference/devices/try-devices.js';
import { EARLY_MS } from './inference/devices/verdict-store.js';
import type { Bundle } from './inference/bundle.js';
import { whyNoNativeLibrary } from './inference/onnx-session.js';

export interface EngineDevicesOptions {
  readonly setting: DeviceSetting;
  readonly bundle: Bundle;
  readonly threads: number;
  /** Folder in which verdicts are kept. */
  readonly storage: string;
  /** The built `probe.mjs`. */
  readonly probeScript: string;
}

export class EngineDevices {
  private readonly closing = new AbortController();
  private early: NodeJS.Timeout | undefined;
  /** Why the native library does not load, where a report has found that. */
  private noLibrary: string | undefined;

  private constructor(
    private readonly options: EngineDevicesOptions,
    private readonly machine: Machine,
    private readonly devices: Devices,
  ) {}

  static async here(options: EngineDevicesOptions): Promise<EngineDevices> {
    const machine = await thisMachine();
    const closing = new AbortController();
    const { bundle, threads, storage, probeScript } = options;
    const probe = { script: probeScript, signal: closing.signal };
    const devices = new Devices({ bundle, threads, storage, machine, probe });
    const made = new EngineDevices(options, machine, devices);
    closing.signal.throwIfAborted();
    made.closing.signal.addEventListener('abort', () => {
      closing.abort();
    });
    return made;
  }

  /** From what is remembered; `untried` devices want `settle`. */
  async choose(): Promise<Choice> {
    const choice = await this.chosen();
    await this.begins(choice);
    return choice;
  }

  /** Tries what a choice left open, which takes seconds or minutes, and chooses again. */
  async settle({ untried }: Choice): Promise<Choice> {
    await this.devices.try(untried);
    return this.choose();
  }

  /** Tries every device of this platform anew and tells all about them; what is found out counts from then on. */
  async report(): Promise<string> {
    const verdicts = await this.devices.try(devicesOf(platformHere).filter((device) => device !== 'cpu'));
    this.noLibrary = await whyNoNativeLibrary();
    const choice = await this.chosen();
    return deviceReport(this.options.bundle, this.options.setting, this.machine, verdicts, choice);
  }

  /** Before a report, the worker finds out for itself that there is no native library, and goes on without. */
  private async chosen(): Promise<Choice> {
    const choice = await this.devices.choose(this.options.setting);
    if (this.noLibrary === undefined || choice.plan.device === 'wasm') return choice;
    return { plan: onWeb, why: `${this.noLibrary} ${SLOWER}`, untried: [] };
  }

  /** The engine ends in good order. */
  async close(): Promise<void> {
    this.closing.abort();
    if (this.early === undefined) return;
    clearTimeout(this.early);
    await this.devices.lasted();
  }

  /** Should the server end soon after this, the device is suspect. */
  private async begins({ plan }: Choice): Promise<void> {
    if (plan.device === 'cpu' || plan.device === 'wasm') return;
    await this.devices.started();
    clearTimeout(this.early);
    this.early = setTimeout(() => {
      this.early = undefined;
      void this.devices.lasted();
    }, EARLY_MS);
    this.early.unref();
  }
}
