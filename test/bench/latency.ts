/** How fast: both engines beside each other, typing replayed against the real server, and how soon work stops. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { WorkerWriter } from '../../language-server/decoding/worker-writer.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { threadsFor } from '../../language-server/open-engine.js';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import { sourceGguf, weightsCache } from '../../models/evaluate/source-gguf.js';
import type { Benchmark, BenchContext, Figures } from './benchmark.js';
import { cutsOf } from './cases.js';
import { cancelMs } from './latency/cancelling.js';
import { loadOwnEngine } from './latency/own-engine.js';
import { race, type RaceFigures, type RaceText } from './latency/race.js';
import { replay, type Keystroke, type Pace } from './latency/replay.js';
import { rewriteGguf } from './latency/rewrite-gguf.js';
import { loadRival } from './latency/rival.js';
import { startServerProcess, type ServerProcess } from './latency/server-process.js';
import { typingScripts, type TypingScript } from './latency/typing-script.js';
import { quantileFigure } from './statistics.js';

const root = path.resolve(import.meta.dirname, '../..');
const shippedBundle = path.join(root, 'models/smollm2-135m');

/** How much of each part is measured. */
const sizes = {
  full: { races: 40, promptTokens: 512, steps: 24, scripts: 24, cancels: 100 },
  quick: { races: 1, promptTokens: 96, steps: 6, scripts: 1, cancels: 4 },
};

/** Of the minutes: typing is in real time and says most. */
const shares = { race: 0.35, typing: 0.5, cancel: 0.15 };

export const latency: Benchmark = {
  name: 'latency',
  summary: 'beside llama.cpp on the same weights; typing replayed against the real server; cancelling.',
  options: {
    bundle: 'folder of a bundle; else the one that ships',
    gguf: 'the GGUF file that the bundle was made from; else one of the same shape is fetched',
    threads: 'threads for every engine; else what the product uses',
    pace: '`real`, or `patient`: wait for each answer while typing, for tokens on a busy machine',
  },
  async run(context) {
    const folder = path.resolve(root, context.options.bundle ?? shippedBundle);
    const bundle = await readBundle(folder);
    const threads = threadsOf(context.options.threads);
    const size = context.budget.quick ? sizes.quick : sizes.full;
    context.progress(`latency: ${bundle.name} (${bundle.weights}) with ${threads} threads.`);
    return {
      ...(await engineFigures(context, bundle, threads, size)),
      ...(await typingFigures(context, folder, threads, size.scripts)),
      ...(await cancelFigures(context, folder, threads, size.cancels)),
    };
  },
};

function threadsOf(given: string | undefined): number {
  const threads = given === undefined ? threadsFor(defaultSettings.threads) : Number(given);
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`--threads needs a whole number, not ${given}.`);
  return threads;
}

function paceOf(given: string | undefined): Pace {
  if (given === undefined || given === 'real' || given === 'patient') return given ?? 'real';
  throw new Error(`--pace is real or patient, not ${given}.`);
}

/** Bits of a stored weight, by the name of the bundle's format. */
function bitsOf({ weights }: Bundle): 4 | 8 | 32 {
  const bits = weights === 'fp32' ? 32 : Number(/^q(\d+)/.exec(weights)?.[1]);
  if (bits !== 4 && bits !== 8 && bits !== 32) throw new Error(`The weight format ${weights} has no rival.`);
  return bits;
}

async function engineFigures(
  context: BenchContext,
  bundle: Bundle,
  threads: number,
  size: (typeof sizes)['full'],
): Promise<Figures> {
  const bits = bitsOf(bundle);
  const source = context.options.gguf ?? sourceGguf(context.progress);
  const texts = raceTexts(context, bundle, size.races, size.promptTokens);
  const own = await loadOwnEngine(bundle.folder, threads);
  try {
    const against = async (part: string, gguf: string): Promise<RaceFigures> => {
      context.progress(`latency: beside llama.cpp on ${path.basename(gguf)}.`);
      const rival = await loadRival(gguf, threads);
      try {
        return await race(part, texts, size.steps, own, rival, context, shares.race / (bits === 4 ? 1 : 2));
      } finally {
        await rival.close();
      }
    };
    // The source has four bits: at that width both rivals are one.
    const ofSource = await against('source', source);
    const ofBits = bits === 4 ? ofSource : await against('bits', await atBits(source, bits));
    return {
      bits: { value: bits, unit: 'bits', n: 1 },
      decode_ratio: ofBits.decode,
      decode_ratio_ahead: ofBits.decodeAhead,
      prompt_ratio: ofBits.prompt,
      decode_ratio_source: ofSource.decode,
      prompt_ratio_source: ofSource.prompt,
      decode_ms: ofBits.ownStepMs,
      llama_decode_ms: ofBits.rivalStepMs,
      prompt_ms: ofBits.ownPromptMs,
      llama_prompt_ms: ofBits.rivalPromptMs,
      identical_tokens_source: ofSource.alike,
      clean_rounds: ofBits.clean,
    };
  } finally {
    await own.close();
  }
}

async function atBits(source: string, bits: 8 | 32): Promise<string> {
  const target = bits === 8 ? 'Q8_0' : 'F32';
  const file = path.join(weightsCache, `${path.basename(source, '.gguf')}-as-${target}.gguf`);
  if (!existsSync(file)) await rewriteGguf(source, file, target);
  return file;
}

/** Prompts of exactly `length` tokens, each the start of another file. */
function raceTexts(
  { files }: BenchContext,
  bundle: Bundle,
  most: number,
  length: number,
): readonly RaceText[] {
  const json = readFileSync(path.join(bundle.folder, bundle.tokenizer.file), 'utf8');
  const tokenizer = readTokenizer(json, bundle.tokenizer.endOfText);
  const texts: RaceText[] = [];
  for (const { path: id, text } of files) {
    if (texts.length === most) break;
    const tokens = tokenizer.encode(text.slice(0, 8 * length));
    if (tokens.length >= length) texts.push({ id, tokens: tokens.slice(0, length) });
  }
  if (texts.length === 0) throw new Error(`No file of the corpus has ${length} tokens.`);
  return texts;
}

async function typingFigures(
  context: BenchContext,
  bundle: string,
  threads: number,
  most: number,
): Promise<Figures> {
  const pace = paceOf(context.options.pace);
  const scripts = typingScripts(context.files, most, context.seed);
  if (scripts.length === 0) throw new Error('No file of the corpus has a run of lines worth typing.');
  context.progress(`latency: typing in ${scripts.length} files, in real time.`);
  let server: ServerProcess | undefined;
  try {
    const measured = await context.measureEach(
      'typing',
      scripts,
      async (script) => {
        server ??= await startServerProcess({
          settings: { ...defaultSettings, threads },
          trusted: true,
          defaultBundle: bundle,
          grammars: path.join(root, 'dist/grammars'),
        });
        await server.probe();
        // Long files and others take turns, so every second pair of files is begun with a look.
        const rests = scripts.indexOf(script) % 4 < 2;
        const typed = context.budget.quick ? shortened(script) : script;
        const keystrokes = await replay(typed, server, pace, rests);
        const { late, mostMemory } = await server.probe();
        return { keystrokes, late: late.map((ms) => Math.round(ms * 100) / 100), mostMemory };
      },
      shares.typing,
    );
    const results = measured.map(({ result }) => result);
    return {
      ...keystrokeFigures(results.flatMap(({ keystrokes }) => keystrokes)),
      main_delay_ms_p99: quantileFigure(
        results.flatMap(({ late }) => late),
        0.99,
        'ms',
      ),
      rss_mb: {
        value: Math.max(...results.map(({ mostMemory }) => mostMemory)) / 2 ** 20,
        unit: 'MB',
        n: results.length,
      },
    };
  } finally {
    await server?.stop();
  }
}

/** A few keys, Enter among them or not, whose last one is waited for. */
function shortened(script: TypingScript): TypingScript {
  return { ...script, edits: script.edits.slice(0, 12) };
}

function keystrokeFigures(keystrokes: readonly Keystroke[]): Figures {
  const recomputed = (kinds: readonly string[]): readonly number[] =>
    keystrokes.flatMap((one) =>
      one.recomputed !== null && kinds.includes(one.kind) ? [one.recomputed] : [],
    );
  const all = recomputed(['key', 'enter', 'paste', 'above', 'back']);
  const waits = keystrokes.flatMap(({ suggestionMs }) => suggestionMs ?? []);
  const firstWaits = (kind: Keystroke['kind']) =>
    keystrokes.flatMap((one) => (one.kind === kind ? (one.suggestionMs ?? []) : []));
  const modelWaits = keystrokes.flatMap((one) => (one.recomputed === null ? [] : (one.suggestionMs ?? [])));
  return {
    recomputed_tokens_p50: quantileFigure(all, 0.5, 'tokens'),
    recomputed_tokens_p95: quantileFigure(all, 0.95, 'tokens'),
    recomputed_tokens_first_p50: quantileFigure(recomputed(['first']), 0.5, 'tokens'),
    recomputed_tokens_first_rested_p50: quantileFigure(recomputed(['first-rested']), 0.5, 'tokens'),
    first_suggestion_ms_p50: quantileFigure(firstWaits('first'), 0.5, 'ms'),
    first_suggestion_ms_rested_p50: quantileFigure(firstWaits('first-rested'), 0.5, 'ms'),
    recomputed_tokens_key_p95: quantileFigure(recomputed(['key']), 0.95, 'tokens'),
    recomputed_tokens_enter_p95: quantileFigure(recomputed(['enter']), 0.95, 'tokens'),
    recomputed_tokens_paste_p95: quantileFigure(recomputed(['paste']), 0.95, 'tokens'),
    recomputed_tokens_above_p95: quantileFigure(recomputed(['above', 'back']), 0.95, 'tokens'),
    suggestion_ms_p50: quantileFigure(waits, 0.5, 'ms'),
    suggestion_ms_p95: quantileFigure(waits, 0.95, 'ms'),
    suggestion_model_ms_p50: quantileFigure(modelWaits, 0.5, 'ms'),
    suggestion_model_ms_p95: quantileFigure(modelWaits, 0.95, 'ms'),
    suggested_share: { value: waits.length / keystrokes.length, unit: '1', n: keystrokes.length },
  };
}

async function cancelFigures(
  context: BenchContext,
  bundleDir: string,
  threads: number,
  most: number,
): Promise<Figures> {
  context.progress(`latency: cancelling ${most} requests.`);
  const writer = new WorkerWriter({
    workerFile: path.join(root, 'dist/worker.mjs'),
    bundleDir,
    grammarsDir: path.join(root, 'dist/grammars'),
    threads,
  });
  try {
    await writer.ready();
    const cuts = cutsOf(context.files, 'middle-line', most, context.seed);
    const measured = await context.measureEach(
      'cancel',
      cuts,
      async (cut) => ({
        ms: (await cancelMs(cut, writer, context.seed)) ?? null,
      }),
      shares.cancel,
    );
    const times = measured.flatMap(({ result }) => result.ms ?? []);
    return { cancel_ms_p95: quantileFigure(times, 0.95, 'ms') };
  } finally {
    await writer.dispose();
  }
}
