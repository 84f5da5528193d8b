/**
 * Keeps a model loaded while it is used. When its device fails, the processor takes over, and WebAssembly where the
 * native library does not load; the same work begins again. When nobody asks for a while, its memory is given back, and the next request loads it anew.
 */
import { onProcessor, onWeb, type Device, type ModelPlan } from './devices/device.js';
import { DeviceFailure, NativeLibraryFailure, type EngineFailure } from './engine-failure.js';
import type { LanguageModel } from './model.js';

/** A model that holds memory. */
export interface HeldModel extends LanguageModel {
  release(): Promise<void>;
}

export interface ModelKeeperOptions {
  readonly load: (plan: ModelPlan) => Promise<HeldModel>;
  /** Milliseconds without a request after which the model is unloaded; 0: never. */
  readonly restMs: number;
  /** Hears that the processor, or WebAssembly, has taken over, and why. */
  readonly onFallback: (failure: DeviceFailure | NativeLibraryFailure) => void;
  /** Hears of each time the model is loaded, or unloaded to rest. */
  readonly onChange: (state: 'loaded' | 'resting', plan: ModelPlan) => void;
}

export class ModelKeeper {
  private held: HeldModel | undefined;
  private rest: NodeJS.Timeout | undefined;

  constructor(
    private plan: ModelPlan,
    private readonly options: ModelKeeperOptions,
  ) {}

  /** Where the model runs, or would. */
  get device(): Device {
    return this.plan.device;
  }

  /** Works with the model, which is loaded when it is not. Work that a device's failure has cut short begins again. */
  async use<T>(work: (model: LanguageModel) => Promise<T>): Promise<T> {
    clearTimeout(this.rest);
    try {
      return await this.withFallback(async () => work(await this.loaded()));
    } finally {
      this.scheduleRest();
    }
  }

  /** Loads the model where `plan` says, keeping the one in use until that has worked. */
  async move(plan: ModelPlan): Promise<void> {
    const old = this.held;
    const model = await this.options.load(plan);
    this.plan = plan;
    this.held = model;
    this.options.onChange('loaded', plan);
    await old?.release();
    this.scheduleRest();
  }

  async release(): Promise<void> {
    clearTimeout(this.rest);
    const { held } = this;
    this.held = undefined;
    await held?.release();
  }

  private async withFallback<T>(attempt: () => Promise<T>): Promise<T> {
    const failed = new Map<Device, EngineFailure>();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof DeviceFailure || error instanceof NativeLibraryFailure)) throw error;
        failed.set(this.plan.device, error);
        const next = error instanceof DeviceFailure ? onProcessor : onWeb;
        // Without the native library, what WebAssembly said is what matters.
        if (failed.has(next.device)) throw failed.get('wasm') ?? error;
        // What failed is left alone: asking a lost device for anything may end the process.
        this.held = undefined;
        this.plan = next;
        this.options.onFallback(error);
      }
    }
  }

  private async loaded(): Promise<LanguageModel> {
    if (!this.held) {
      this.held = await this.options.load(this.plan);
      this.options.onChange('loaded', this.plan);
    }
    return this.held;
  }

  private scheduleRest(): void {
    clearTimeout(this.rest);
    // WebAssembly's memory only grows: unloading would give nothing back.
    if (this.options.restMs === 0 || !this.held || this.device === 'wasm') return;
    this.rest = setTimeout(() => {
      void this.release().then(() => {
        this.options.onChange('resting', this.plan);
      });
    }, this.options.restMs);
    this.rest.unref();
  }
}
