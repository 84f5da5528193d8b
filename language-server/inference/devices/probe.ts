/**
 * Tries a device: whether the model says there what it says on the processor, and how fast. Runs in a process of its
 * own, since a driver that fails may end the process.
 *
 * Kernels depend on the shape of the work, and some are wrong on some adapters; so each way to run the model is held
 * against the processor's logits, and the first one that agrees is taken.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenizer } from '../../tokens/tokenizer.js';
import type { TokenId } from '../../tokens/vocabulary.js';
import { readBundle, type Bundle } from '../bundle.js';
import { never } from '../cancellation.js';
import { DeviceFailure } from '../engine-failure.js';
import { fullDepth } from '../exit-policies.js';
import { loadOnnxModel, type OnnxModel } from '../onnx-model.js';
import { onProcessor, type Device, type ModelPlan } from './device.js';

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
  /** Distance of the logits from the processor's, as a share of their own length. */
  readonly logitError: number | undefined;
  readonly speed: Speed | undefined;
  readonly processor: Speed;
  /** What the runtime said of ways that failed. */
  readonly failures: readonly string[];
}

/** Rounded activations make this much difference on sound hardware, and a few times more is bearable. */
const MOST_ERROR = 0.1;

/** Chunks: as large as a card likes, then small enough for the kernels of single tokens. */
const CHUNKS = [128, 16] as const;

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

export async function probe({
  bundle: folder,
  device,
  threads,
  mostTokens,
}: ProbeOrder): Promise<ProbeResult> {
  const bundle = await readBundle(folder);
  const prompt = await promptOf(bundle);
  const processor = await measured(bundle, onProcessor, threads, prompt);
  const failures: string[] = [];
  for (const plan of plansFor(device, bundle)) {
    try {
      const sized = mostTokens === undefined ? plan : { ...plan, mostTokens };
      const { logits, speed } = await measured(bundle, sized, threads, prompt);
      const logitError = distance(logits, processor.logits);
      if (logitError <= MOST_ERROR)
        return { plan: sized, logitError, speed, processor: processor.speed, failures };
      failures.push(`${wordsOf(plan)}: wrong logits (${(100 * logitError).toFixed(0)} % off)`);
    } catch (error) {
      if (!(error instanceof DeviceFailure)) throw error;
      failures.push(`${wordsOf(plan)}: ${error.why}`);
    }
  }
  return { plan: undefined, logitError: undefined, speed: undefined, processor: processor.speed, failures };
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
  plan: ModelPlan,
  threads: number,
  prompt: readonly TokenId[],
): Promise<{ logits: Float32Array; speed: Speed }> {
  const model = await loadOnnxModel(bundle, { ...plan, threads });
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
async function speak(model: OnnxModel, prompt: readonly TokenId[], steps: number): Promise<Float32Array> {
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
  const all = new Float32Array(spoken.length * spoken[0]!.length);
  spoken.forEach((logits, index) => {
    all.set(logits, index * logits.length);
  });
  return all;
}

async function forget(model: OnnxModel): Promise<void> {
  using session = await model.open([0], never);
  if (session.reading.reusedTokens > 0) throw new Error('A prompt of one token reuses none.');
}

/** Length of the difference over the length of the second; not a number counts as far away. */
function distance(left: Float32Array, right: Float32Array): number {
  let difference = 0;
  let length = 0;
  for (const [index, value] of right.entries()) {
    difference += (left[index]! - value) ** 2;
    length += value ** 2;
  }
  const share = Math.sqrt(difference / length);
  return Number.isFinite(share) ? share : Infinity;
}
