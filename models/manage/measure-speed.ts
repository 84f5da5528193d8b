/** How fast a model writes on this machine: measured when asked for, and remembered beside the user's models. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import { NativeLibraryFailure } from '../../language-server/inference/engine-failure.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { readWebGraph } from '../convert/web-graph.js';

/** Milliseconds a token, by the bundle's folder. */
export type Speeds = Readonly<Record<string, number>>;

const PROMPT = 64;
const STEPS = 12;
const schema = z.record(z.string(), z.number().positive());

/** The median time of a step in milliseconds, at full depth behind a short prompt: for choosing between models. */
export async function measureSpeed(folder: string): Promise<number> {
  const bundle = await readBundle(folder);
  const threads = Math.max(Math.floor(availableParallelism() / 2), 1);
  const model = await loadAnywhere(bundle, threads);
  try {
    const size = bundle.architecture.vocabulary;
    const prompt = Array.from({ length: PROMPT }, (_, index) => (index * 7919) % size);
    using session = await model.open(prompt, never);
    const times: number[] = [];
    let branch = session.root;
    for (let step = 0; step < STEPS; step++) {
      const start = performance.now();
      const [forward] = await session.forward([{ after: branch, input: [[prompt[step]!, 1]] }], fullDepth);
      times.push(performance.now() - start);
      branch = forward!.branch;
    }
    times.sort((a, b) => a - b);
    return Number(times[STEPS / 2]!.toPrecision(3));
  } finally {
    await model.release();
  }
}

/** On the processor, by WebAssembly where the native library does not load. */
async function loadAnywhere(bundle: Bundle, threads: number): Promise<OnnxModel> {
  return loadOnnxModel(bundle, { threads }).catch((error: unknown) => {
    if (!(error instanceof NativeLibraryFailure)) throw error;
    return loadOnnxModel(bundle, { threads, device: 'wasm', readWebGraph });
  });
}

export async function readSpeeds(store: string): Promise<Speeds> {
  const text = await readFile(fileIn(store), 'utf8').catch(() => '{}');
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

export async function keepSpeed(store: string, folder: string, milliseconds: number): Promise<void> {
  await mkdir(store, { recursive: true });
  const speeds = { ...(await readSpeeds(store)), [folder]: milliseconds };
  await writeFile(fileIn(store), JSON.stringify(speeds, null, 1));
}

function fileIn(store: string): string {
  return path.join(store, '.speeds.json');
}
