/**
 * The language model over ONNX graphs: reads prompts in chunks, keeps what the next prompt will need, one generation
 * at a time.
 */
import type { TokenId } from '../tokens/vocabulary.js';
import { TILE_ROWS, type Place } from './attention-layout.js';
import { BundleError, type Bundle } from './bundle.js';
import type { Cancellation } from './cancellation.js';
import { readController, type ExitController } from './exit-controller.js';
import { Generation } from './generation.js';
import type { Drafter, LanguageModel, Session } from './model.js';
import type { ModelPlan } from './devices/device.js';
import { loadGroupedNetwork } from './grouped-network.js';
import { loadNetwork, type Network } from './network.js';
import { startRuntime, type Runtime } from './onnx-session.js';
import { startWebRuntime, type ReadWebGraph } from './web-session.js';

export interface OnnxModelOptions extends Partial<ModelPlan> {
  readonly threads: number;
  /** Makes graphs for WebAssembly; without it nothing runs there. */
  readonly readWebGraph?: ReadWebGraph;
  /** Hears how much is loaded, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Hears of a chunk that begins at token `start`. */
export type See = (
  start: number,
  exit: number,
  hidden: Float32Array,
  logits: Float32Array,
) => Promise<void> | void;

/** Half a tile: cancellation waits half as long as for a whole one, and reading costs little more. */
const CHUNK_TOKENS = TILE_ROWS / 2;

/** @throws NativeLibraryFailure, EngineFailure when the native library, a graph or memory is missing. */
export async function loadOnnxModel(bundle: Bundle, options: OnnxModelOptions): Promise<OnnxModel> {
  const runtime = await runtimeFor(bundle, options);
  const network = await loadFlavour(bundle, runtime, options);
  const exits = bundle.exits.map((exit) => exit.layer).sort((a, b) => a - b);
  const controller = await readController(bundle);
  const most = Math.min(bundle.architecture.context, options.mostTokens ?? Infinity);
  return new OnnxModel(network, exits, most, options.chunkTokens ?? CHUNK_TOKENS, controller);
}

function runtimeFor(bundle: Bundle, { device, threads, readWebGraph }: OnnxModelOptions): Promise<Runtime> {
  if (device !== 'wasm') return startRuntime(threads, device);
  if (!readWebGraph) throw new Error('Nobody makes graphs for WebAssembly here.');
  return startWebRuntime(bundle, threads, readWebGraph);
}

function loadFlavour(bundle: Bundle, runtime: Runtime, options: OnnxModelOptions): Promise<Network> {
  const { grouped, onProgress = () => undefined } = options;
  if (grouped === undefined) return loadNetwork(bundle, runtime, onProgress);
  const graphs = bundle.grouped?.find(({ precision }) => precision === grouped);
  if (graphs === undefined) {
    throw new BundleError(
      `The bundle ${bundle.name} has no ${grouped} graphs for graphics cards. Convert the model again, or use the CPU.`,
    );
  }
  return loadGroupedNetwork(bundle, graphs, runtime, onProgress);
}

export class OnnxModel implements LanguageModel {
  readonly layers: number;
  readonly propagates: boolean;
  readonly drafter: Drafter | undefined;
  /** Tokens whose rows stand, exact and at full depth, at the start of the cache. */
  private remembered: readonly TokenId[] = [];
  private generating = false;

  constructor(
    private readonly network: Network,
    readonly exits: readonly number[],
    readonly maxTokens: number,
    private readonly chunkTokens: number,
    readonly controller?: ExitController,
  ) {
    this.layers = network.blocks.at(-1)!.endLayer;
    this.propagates = network.propagate !== undefined;
    this.drafter = network.drafter;
  }

  async open(prompt: readonly TokenId[], cancellation: Cancellation): Promise<Session> {
    if (prompt.length === 0) throw new Error('A prompt needs at least one token.');
    if (prompt.length > this.maxTokens) {
      throw new Error(`A prompt of ${prompt.length} tokens exceeds the model's ${this.maxTokens}.`);
    }
    if (this.generating) throw new Error('The session before must be disposed before another is opened.');
    const start = performance.now();
    const read = prompt.slice(0, -1);
    const reused = commonPrefix(this.remembered, read);
    this.generating = true;
    try {
      this.remembered = read.slice(0, reused);
      this.network.cache.reserve(reused, reused);
      await this.readPrompt(read, cancellation);
    } catch (error) {
      this.generating = false;
      throw error;
    }
    return new Generation({
      network: this.network,
      exits: this.exits,
      promptRows: read.length,
      cancellation,
      reading: { promptTokens: prompt.length, reusedTokens: reused, promptMs: performance.now() - start },
      onEnd: (continuation) => {
        this.remembered = [...read, ...continuation];
        this.generating = false;
      },
    });
  }

  /**
   * What every exit says of a text, by teacher forcing: for each chunk of it, the hidden states [tokens, width] and the
   * logits [tokens, vocabulary] at each exit, in turn. Nothing is remembered.
   */
  async observe(tokens: readonly TokenId[], cancellation: Cancellation, see: See): Promise<void> {
    if (this.generating) throw new Error('The session before must be disposed before a text is observed.');
    this.remembered = [];
    for (let lo = 0; lo < tokens.length; lo += this.chunkTokens) {
      const chunk = tokens.slice(lo, lo + this.chunkTokens);
      await this.readChunk(chunk, lo, cancellation, async (exit, hidden) => {
        if (this.exits.includes(exit)) await see(lo, exit, hidden, await this.network.head(hidden));
      });
    }
  }

  /** Frees the graphs; the model must not be used afterwards. */
  release(): Promise<void> {
    return this.network.release();
  }

  /**
   * Reads what is not remembered yet. Chunks end at multiples of their size in the whole prompt, so that equal text
   * is read in equal chunks wherever reading began: last bits depend on the chunk.
   */
  private async readPrompt(tokens: readonly TokenId[], cancellation: Cancellation): Promise<void> {
    while (this.remembered.length < tokens.length) {
      const lo = this.remembered.length;
      const hi = Math.min(tokens.length, (Math.floor(lo / this.chunkTokens) + 1) * this.chunkTokens);
      await this.readChunk(tokens.slice(lo, hi), lo, cancellation);
      this.remembered = tokens.slice(0, hi);
    }
  }

  private async readChunk(
    tokens: readonly TokenId[],
    start: number,
    cancellation: Cancellation,
    after?: (layers: number, hidden: Float32Array) => Promise<void>,
  ): Promise<void> {
    const { blocks, embedding, cache } = this.network;
    cache.reserve(start + tokens.length, start);
    const rows = tokens.map((_, index) => start + index);
    const places = rows.map((row, index): Place => ({ row, position: row, sees: rows.slice(0, index) }));
    const batch = this.network.batch(places, start, cancellation);
    let hidden: Float32Array = new Float32Array(tokens.length * embedding.width);
    tokens.forEach((token, index) => {
      embedding.write([[token, 1]], hidden, index * embedding.width);
    });
    if (!after) {
      await batch.run(blocks, hidden);
      return;
    }
    for (const block of blocks) {
      hidden = await batch.run([block], hidden);
      await after(block.endLayer, hidden);
    }
  }
}

function commonPrefix(left: readonly TokenId[], right: readonly TokenId[]): number {
  const end = Math.min(left.length, right.length);
  let length = 0;
  while (length < end && left[length] === right[length]) length++;
  return length;
}
