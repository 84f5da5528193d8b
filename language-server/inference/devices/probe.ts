/**
 * Tries a device: whether the model says there what it says on the processor, and how fast. Runs in a process of its
 * own, since a driver that fails may end the process.
 *
 * Kernels depend on the shape of the work, and some are wrong on some adapters (SwiftShader gets those for 32 rows and
 * more wrong); so each way to run the model is held against the processor's logits, and the fastest that agrees is taken.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenizer } from '../../tokens/tokenizer.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import { readBundle, type Bundle } from '../bundle.js';
import { never } from '../cancellation.js';
import { DeviceFailure, NativeLibraryFailure } from '../engine-failure.js';
import { fullDepth } from '../exit-policies.js';
import { loadOnnxModel, type OnnxModel, type OnnxModelOptions } from '../onnx-model.js';
import { startRuntime } from '../onnx-session.js';
import type { ReadWebGraph } from '../web-session.js';
import { onProcessor, type Device, type ModelPlan, type NativeDevice } from './device.js';

export interface ProbeOrder {
  readonly bundle: string;
  readonly device: Device;
  readonly threads: number;
  readonly mostTokens?: number;
}

export interface Speed {
  /** Milliseconds for a prompt of 1,000 tokens, as measured on a shorter one. */
  readonly prompt1000Ms: number;
  readonly tokenMs: number;
}

/** What came of each way to run the model, in words, and of the one that worked in numbers. */
export interface ProbeResult {
  readonly plan: ModelPlan | undefined;
  /** Distance of the logits from the processor's, as a share of their own length; unknown without a native library. */
  readonly logitError: number | undefined;
  readonly speed: Speed | undefined;
  /** Unknown likewise. */
  readonly processor: Speed | undefined;
  /** What the runtime said of ways that failed. */
  readonly failures: readonly string[];
}

/** Rounded activations make this much difference on sound hardware, and a few times more is bearable. */
const MOST_ERROR = 0.1;

/** Chunks: small enough for the kernels of single tokens, then as large as a card likes. */
const CHUNKS = [16, 128] as const;

const STEPS = 8;

/** Some code; its tokens are the prompt of the test. */
const TEXT = `/** Sums what is paid. */
export function total(items: readonly { price: number; count: number }[]): number {
  let sum = 0;
  for (const item of items) {
    if (item.count < 0) throw new RangeError('A count cannot be negative: ' + item.count);
    sum += item.price * item.count;
  }
  return Math.round(sum * 100) / 100;
}

export function average(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0) / values.length;
}

export function largest(values: readonly number[]): number {
`;

export async function probe(order: ProbeOrder, readWebGraph: ReadWebGraph): Promise<ProbeResult> {
  const { device, threads, mostTokens } = order;
  const bundle = await readBundle(order.bundle);
  const prompt = await promptOf(bundle);
  if (device !== 'wasm') await firstLook(bundle, device);
  const measure = (plan: ModelPlan) => measured(bundle, { ...plan, threads, readWebGraph }, prompt);
  const processor = await measure(onProcessor).catch((error: unknown) => {
    // Then WebAssembly is all that there is, and has nothing to be held against.
    if (device === 'wasm' && error instanceof NativeLibraryFailure) return undefined;
    throw error;
  });
  const failures: string[] = [];
  const trials: Trial[] = [];
  for (const plan of plansFor(device, bundle)) {
    // A precision that does not work in small chunks does not in large ones.
    if (trials.length > 0 && trials[0]!.plan.grouped !== plan.grouped) break;
    try {
      const sized = mostTokens === undefined ? plan : { ...plan, mostTokens };
      const { logits, speed } = await measure(sized);
      const logitError = processor && distance(logits, processor.logits);
      if (logitError === undefined || logitError <= bearable(trials))
        trials.push({ plan: sized, logitError, speed });
      else failures.push(`${wordsOf(plan)}: wrong logits (${(100 * logitError).toFixed(1)} % off)`);
    } catch (error) {
      if (!(error instanceof DeviceFailure)) throw error;
      failures.push(`${wordsOf(plan)}: ${error.why}`);
    }
  }
  const [best] = trials.sort((a, b) => a.speed.prompt1000Ms - b.speed.prompt1000Ms);
  return {
    plan: undefined,
    logitError: undefined,
    speed: undefined,
    ...best,
    processor: processor?.speed,
    failures,
  };
}

/** A way that works. */
interface Trial {
  readonly plan: ModelPlan;
  readonly logitError: number | undefined;
  readonly speed: Speed;
}

/** The kernels of small chunks are the measure of those of large ones: rounding is the same in both. */
function bearable([first]: readonly Trial[]): number {
  return Math.min(MOST_ERROR, Math.max(2 * (first?.logitError ?? MOST_ERROR), 1e-3));
}

/** Loads one small graph: a device that is not there says so before anything is measured. */
async function firstLook(bundle: Bundle, device: NativeDevice): Promise<void> {
  const runtime = await startRuntime(1, device);
  const graph = await runtime.load(join(bundle.folder, bundle.head.file));
  await graph.release();
}

/** Ways to run a bundle on a device, the best first. */
export function plansFor(device: Device, bundle: Pick<Bundle, 'grouped'>): readonly ModelPlan[] {
  // GroupQueryAttention takes a mask only under WebGPU; elsewhere the two-part graphs run, with their cache outside.
  if (device !== 'webgpu' || bundle.grouped === undefined)
    return CHUNKS.map((chunkTokens) => ({ device, chunkTokens }));
  const precisions = bundle.grouped.map(({ precision }) => precision).sort();
  return precisions.flatMap((grouped) => CHUNKS.map((chunkTokens) => ({ device, grouped, chunkTokens })));
}

function wordsOf({ grouped, chunkTokens }: ModelPlan): string {
  return `${grouped ?? 'two-part graphs'}, chunks of ${chunkTokens ?? 'the usual size'}`;
}

async function promptOf(bundle: Bundle): Promise<readonly TokenId[]> {
  const text = await readFile(join(bundle.folder, bundle.tokenizer.file), 'utf8');
  const tokenizer = readTokenizer(text, bundle.tokenizer.endOfText);
  return tokenizer.encode(TEXT).slice(0, bundle.architecture.context - STEPS);
}

async function measured(
  bundle: Bundle,
  options: OnnxModelOptions,
  prompt: readonly TokenId[],
): Promise<{ logits: readonly Float32Array[]; speed: Speed }> {
  const model = await loadOnnxModel(bundle, options);
  try {
    // The first time, kernels are built and memory is found.
    const logits = await speak(model, prompt, STEPS);
    await forget(model);
    const start = performance.now();
    await speak(model, prompt, 1);
    const read = performance.now();
    await speak(model, prompt, STEPS);
    const end = performance.now();
    const tokenMs = (end - read) / STEPS;
    const prompt1000Ms = (1000 * Math.max(read - start - tokenMs, 0)) / prompt.length;
    return { logits, speed: { prompt1000Ms, tokenMs } };
  } finally {
    await model.release();
  }
}

/** The logits after the prompt, and then of `steps` - 1 further tokens of it: the same ones on every device. */
async function speak(
  model: OnnxModel,
  prompt: readonly TokenId[],
  steps: number,
): Promise<readonly Float32Array[]> {
  using session = await model.open(prompt, never);
  const spoken: Float32Array[] = [];
  let branch = session.root;
  for (let step = 0; step < steps; step++) {
    const token = step === 0 ? prompt.at(-1)! : prompt[step]!;
    const [forward] = await session.forward([{ after: branch, input: [[token, 1]] }], fullDepth);
    if (forward?.kind !== 'logits') throw new Error('The whole network has no logits.');
    spoken.push(forward.logits.slice());
    ({ branch } = forward);
  }
  return spoken;
}

async function forget(model: OnnxModel): Promise<void> {
  using session = await model.open([0], never);
  if (session.reading.reusedTokens > 0) throw new Error('A prompt of one token reuses none.');
}

/** Length of the difference over the length of the second, where that is largest; not a number is far away. */
function distance(left: readonly Float32Array[], right: readonly Float32Array[]): number {
  const shares = right.map((logits, step) => {
    let difference = 0;
    let length = 0;
    for (const [index, value] of logits.entries()) {
      difference += (left[step]![index]! - value) ** 2;
      length += value ** 2;
    }
    return Math.sqrt(difference / length);
  });
  const worst = Math.max(...shares);
  return Number.isFinite(worst) ? worst : Infinity;
}
