/** How fast on each device: graphics adapters beside the CPU in one run, taking turns, and what share of memory’s speed. */
import path from 'node:path';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { explainFailure } from '../../language-server/inference/devices/explain-failure.js';
import { onProcessor, type Device, type ModelPlan } from '../../language-server/inference/devices/device.js';
import { probe } from '../../language-server/inference/devices/probe.js';
import { readWebGraph } from '../../models/convert/web-graph.js';
import { thisMachine } from '../../language-server/inference/devices/try-devices.js';
import { DeviceFailure } from '../../language-server/inference/engine-failure.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { threadsFor } from '../../language-server/open-engine.js';
import type { BenchContext, Benchmark, Figure, Figures } from './benchmark.js';
import { coderBundle } from './gpu/coder-bundle.js';
import { copyBandwidth } from './gpu/copy-bandwidth.js';
import { devicesAsked } from './gpu/devices-asked.js';
import { partsAsked } from './gpu/parts-asked.js';
import { bytesPerToken, promptFrom, roundOf, type Round } from './gpu/device-round.js';
import { llamaOnCard } from './gpu/llama-on-card.js';
import { nodesOnDevice } from './gpu/nodes-on-device.js';
import { medianFigure, quantileFigure } from './statistics.js';

const root = path.resolve(import.meta.dirname, '../..');
const sizes = { full: { rounds: 12, prompt: 1000, steps: 32 }, quick: { rounds: 2, prompt: 48, steps: 3 } };

export const gpu: Benchmark = {
  name: 'gpu',
  summary: 'prompt, token and suggestion times on graphics adapters beside the CPU; share of copy bandwidth.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    devices: 'which to measure besides the CPU, with commas between; else webgpu,cuda',
    coder: 'folder for a random bundle of the shape of a 1.5B coder (0.7 GB, made in a minute), measured too',
    gguf: 'the model as a GGUF file, for llama.cpp on the same card',
    llama: 'by which of its builds llama.cpp runs: vulkan or cuda; else by the one that it chooses',
    parts: 'which of bundle, coder and gguf to measure, with commas between; else all that are named',
    rounds: 'most rounds; else 12',
    cpu: 'no: the devices alone, without the CPU beside them',
  },
  async run(context) {
    const { options, progress } = context;
    const devices = devicesAsked(options.devices);
    const machine = await thisMachine();
    for (const { name, driver } of machine.adapters) progress(`Adapter: ${name}, ${driver}.`);
    for (const driver of machine.drivers) progress(`Vulkan driver: ${driver}.`);
    const parts = partsAsked(options);
    const bundle = parts.bundle
      ? await readBundle(path.resolve(root, options.bundle ?? 'models/smollm2-135m'))
      : undefined;
    const figures = bundle && (await measured(bundle, devices, context, ''));
    const coder = parts.coder === undefined ? undefined : await coderBundle(parts.coder, progress);
    return {
      ...figures,
      ...(coder && (await measured(coder, devices, context, 'coder.'))),
      ...(parts.gguf !== undefined && (await llamaOnCard(parts.gguf, context))),
    };
  },
};

/** A device that works, and what is known of it before the rounds. */
interface Runner {
  readonly device: Device;
  readonly plan: ModelPlan;
  readonly bandwidth: number;
  readonly logitError?: number;
  /** Share of a block's nodes that run there; unknown for WebAssembly. */
  readonly nodes?: number;
}

async function measured(
  bundle: Bundle,
  devices: readonly Device[],
  context: BenchContext,
  prefix: string,
): Promise<Figures> {
  const { budget, progress, seed, options } = context;
  const size = budget.quick ? sizes.quick : sizes.full;
  const most = options.rounds === undefined ? size.rounds : Number(options.rounds);
  const threads = threadsFor(0);
  const runners: Runner[] = [];
  if (options.cpu !== 'no')
    runners.push({ device: 'cpu', plan: onProcessor, bandwidth: await copyBandwidth('cpu', budget.quick) });
  const figures: Record<string, Figure> = {};
  for (const device of devices) {
    const runner = await tried(bundle, device, threads, budget.quick, progress);
    figures[`${prefix}${device}.ran`] = { value: runner ? 1 : 0, unit: '1', n: 1 };
    if (runner) runners.push(runner);
  }
  const prompt = await promptFrom(bundle, context.files, size.prompt);
  const models = [];
  for (const { plan } of runners)
    models.push(await loadOnnxModel(bundle, { ...plan, threads, readWebGraph }));
  // The first time, kernels are built.
  for (const model of models) await roundOf(model, prompt, 2);
  const rounds: Round[][] = runners.map(() => []);
  for (let round = 0; round < most && (round === 0 || budget.left() > 0); round++) {
    for (const [index, model] of models.entries()) {
      rounds[index]!.push(await roundOf(model, prompt, size.steps));
      const { promptMs, tokenMs } = rounds[index]!.at(-1)!;
      progress(
        `${prefix}${runners[index]!.device}: prompt ${promptMs.toFixed(0)} ms, token ${tokenMs.toFixed(2)} ms.`,
      );
    }
  }
  for (const model of models) await model.release();

  for (const [index, { device, plan, bandwidth, logitError, nodes }] of runners.entries()) {
    const of = rounds[index]!;
    const name = (what: string) => `${prefix}${device}.${what}`;
    const decode = medianFigure(
      of.map(({ tokenMs }) => tokenMs),
      'ms',
      seed,
    );
    const suggestions = of.map(({ suggestionMs }) => suggestionMs);
    const bytes = bytesPerToken(bundle, prompt.length, plan);
    figures[name('decode_ms')] = decode;
    figures[name('prompt_ms_1000')] = medianFigure(
      of.map(({ promptMs }) => (promptMs * 1000) / prompt.length),
      'ms',
      seed,
    );
    figures[name('suggestion_ms_p50')] = quantileFigure(suggestions, 0.5, 'ms');
    figures[name('suggestion_ms_p95')] = quantileFigure(suggestions, 0.95, 'ms');
    figures[name('weights_and_cache_mb')] = { value: bytes / 1e6, unit: 'MB', n: 1 };
    figures[name('copy_gb_per_s')] = { value: bandwidth / 1e9, unit: 'GB/s', n: 1 };
    figures[name('bandwidth_share')] = {
      value: bytes / (decode.value / 1000) / bandwidth,
      unit: '1',
      n: decode.n,
    };
    if (logitError !== undefined) figures[name('logit_error')] = { value: logitError, unit: '1', n: 1 };
    if (nodes !== undefined) figures[name('nodes_on_device')] = { value: nodes, unit: '1', n: 1 };
  }
  return figures;
}

/** Holds a device against the CPU; one that does not work is told in words, and the others are measured. */
async function tried(
  bundle: Bundle,
  device: Device,
  threads: number,
  quick: boolean,
  progress: (line: string) => void,
): Promise<Runner | undefined> {
  try {
    const { plan, logitError, failures } = await probe(
      { bundle: bundle.folder, device, threads },
      readWebGraph,
    );
    for (const failure of failures) progress(`${device}: ${failure}`);
    if (!plan || logitError === undefined) return undefined;
    const nodes = await nodesOnDevice(bundle, plan);
    if (nodes === 0) {
      progress(`${device}: the CPU runs everything in its place.`);
      return undefined;
    }
    progress(`${device}: ${plan.grouped ?? 'two-part'}, prompt in chunks of ${plan.chunkTokens ?? 0}.`);
    const bandwidth = await copyBandwidth(device, quick).catch((error: unknown) => {
      if (!(error instanceof DeviceFailure)) throw error;
      progress(`${device}: the copy bandwidth is not known: ${error.why}`);
      return NaN;
    });
    return { device, plan, logitError, bandwidth, ...(nodes !== undefined && { nodes }) };
  } catch (error) {
    if (!(error instanceof DeviceFailure)) throw error;
    const { problem, remedy } = explainFailure(device, error.why);
    progress(`${device}: ${problem} ${remedy}`);
    return undefined;
  }
}
