/** The writer over the real worker thread and a small random bundle; its deaths, over stand-in workers. */
import { rm, truncate, writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WriteRequest } from '../../language-server/decoding/write-request.js';
import { EngineFailure } from '../../language-server/decoding/write-request.js';
import { backOff, WorkerWriter, type EngineState } from '../../language-server/decoding/worker-writer.js';
import { draftingNames } from '../../language-server/protocol.js';
import { buildWorker, temporaryFolder, type BuiltWorker } from '../support/built-worker.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';

let built: BuiltWorker;
let bundleDir: string;
const open: WorkerWriter[] = [];

beforeAll(async () => {
  built = await buildWorker(['python']);
  bundleDir = await randomBundleFolder({ architecture: { context: 4096 } });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((writer) => writer.dispose()));
});

afterAll(async () => {
  built.remove();
  await removeBundle(bundleDir);
});

function writerOver(
  workerFile: string,
  folder = bundleDir,
  onState?: (state: EngineState) => void,
): WorkerWriter {
  const writer = new WorkerWriter({
    workerFile,
    bundleDir: folder,
    grammarsDir: built.grammarsDir,
    threads: 1,
    restartDelay: () => 1,
    ...(onState ? { onState } : {}),
  });
  open.push(writer);
  return writer;
}

function requestFor(before: string, changes: Partial<WriteRequest> = {}): WriteRequest {
  return {
    prompt: { parts: [{ kind: 'text', text: before, trim: 'start' }], maxTokens: 2000 },
    fillsIn: false,
    program: { languageId: 'plaintext', before, after: '' },
    shape: 'line',
    drafts: 1,
    drafting: 'branches',
    nearby: [],
    maxTokens: 12,
    syntax: false,
    backUp: 1,
    leastClosing: 0.05,
    monitors: 'off',
    inComments: true,
    inStrings: true,
    ...changes,
  };
}

const unabortable = new AbortController().signal;

describe('over the real worker', () => {
  test('loads with progress, then writes; equal requests have equal answers', async () => {
    const states: string[] = [];
    const writer = writerOver(built.workerFile, bundleDir, (state) => states.push(state.kind));
    const engine = await writer.ready();
    expect(engine).toMatchObject({ device: 'cpu', layers: 4, exits: [1, 2, 3, 4], maxTokens: 4096 });
    expect(states[0]).toBe('loading');
    expect(states.at(-1)).toBe('ready');
    const first = await writer.write(requestFor('x = compute(y)\nz'), unabortable);
    const second = await writer.write(requestFor('x = compute(y)\nz'), unabortable);
    expect(second.drafts).toEqual(first.drafts);
    expect(first.cost.promptTokens).toBeGreaterThan(5);
    expect(second.cost.reusedTokens).toBeGreaterThan(5);
    expect(first.cost.steps).toBeGreaterThan(0);
  });

  test('tokens spell the text that is returned, and their log-probabilities sum up', async () => {
    const writer = writerOver(built.workerFile);
    for (const drafts of [1, 4]) {
      const { drafts: written } = await writer.write(
        requestFor('def work(a):\n    ret', { drafts }),
        unabortable,
      );
      expect(written.length).toBeGreaterThan(0);
      for (const draft of written) {
        expect(draft.tokens.map((token) => token.text).join('')).toBe(draft.text);
        expect(draft.tokens.reduce((sum, token) => sum + token.logProb, 0)).toBeCloseTo(draft.logProb, 3);
        expect(draft.tokens.every((token) => token.exit === 4)).toBe(true);
      }
    }
  });

  test('a depth cap is where all tokens come from', async () => {
    const writer = writerOver(built.workerFile);
    const { drafts } = await writer.write(requestFor('abc', { exit: 2 }), unabortable);
    expect(drafts.flatMap((draft) => draft.tokens).every((token) => token.exit === 2)).toBe(true);
  });

  test.each(draftingNames)(
    'several drafts by %s: exact, and equal when asked for again',
    async (drafting) => {
      const writer = writerOver(built.workerFile);
      const request = requestFor('abc def', { drafts: 3, drafting });
      const { drafts } = await writer.write(request, unabortable);
      expect(drafts.length).toBeLessThanOrEqual(3);
      // Rows that drafts have shared must not have found their way into the cache.
      const alone = await writer.write(requestFor('abc def'), unabortable);
      const again = await writer.write(request, unabortable);
      expect(again.drafts).toEqual(drafts);
      expect(alone.cost.reusedTokens).toBeGreaterThan(0);
      for (const { tokens, logProb } of drafts)
        expect(tokens.reduce((sum, token) => sum + token.logProb, 0)).toBeCloseTo(logProb, 3);
      const fresh = writerOver(built.workerFile);
      expect((await fresh.write(requestFor('abc def'), unabortable)).drafts).toEqual(alone.drafts);
    },
  );

  test('a seed fixes several sampled drafts', async () => {
    const writer = writerOver(built.workerFile);
    const sampling = { temperature: 1, seed: 7 };
    const texts = async (seed: number): Promise<readonly string[]> => {
      const request = requestFor('abc def', { drafts: 3, sampling: { ...sampling, seed } });
      return (await writer.write(request, unabortable)).drafts.map((draft) => draft.text);
    };
    const first = await texts(7);
    expect(await texts(7)).toEqual(first);
    expect(await texts(8)).not.toEqual(first);
  });

  test('progress tells the first draft as it grows', async () => {
    const writer = writerOver(built.workerFile);
    const heard: string[] = [];
    const { drafts } = await writer.write(requestFor('abc'), unabortable, (text) => heard.push(text));
    expect(heard.length).toBeGreaterThan(1);
    heard.forEach((text, index) => {
      if (index > 0 && index < heard.length - 1) expect(text.startsWith(heard[index - 1]!)).toBe(true);
    });
    expect(heard.at(-1)).toBe(drafts[0]!.text);
  });

  test('reads a prompt ahead: the request finds it read; a request ends a reading and is not held up by it', async () => {
    const writer = writerOver(built.workerFile);
    const text = 'some text that is read ahead '.repeat(12);
    const { prompt } = requestFor(text);
    expect(await writer.read(prompt)).toBeUndefined();
    await writer.ready();
    const reading = await writer.read(prompt);
    expect(reading!.promptTokens).toBeGreaterThan(40);
    const { cost } = await writer.write(requestFor(text), unabortable);
    expect(cost.promptTokens - cost.reusedTokens).toBeLessThanOrEqual(8);

    const long = requestFor('quite another text, longer than that '.repeat(50)).prompt;
    const interrupted = writer.read(long);
    const written = writer.write(requestFor(text), unabortable);
    expect(await writer.read(long)).toBeUndefined();
    expect(await interrupted).toBeUndefined();
    expect((await written).drafts.length).toBeGreaterThan(0);
  });

  test('the latest request wins; a burst of a thousand leaves the engine sound', async () => {
    const writer = writerOver(built.workerFile);
    await writer.ready();
    const alone = await writer.write(requestFor('the last one'), unabortable);
    const many = Array.from({ length: 1000 }, (_, i) =>
      writer.write(requestFor(`text number ${i} `.repeat(20)), new AbortController().signal),
    );
    const last = await writer.write(requestFor('the last one'), unabortable);
    expect(last.drafts).toEqual(alone.drafts);
    const outcomes = await Promise.all(many);
    expect(outcomes.filter((outcome) => outcome.silence?.reason === 'cancelled').length).toBeGreaterThan(990);
  });

  test('an aborted request ends as cancelled', async () => {
    const writer = writerOver(built.workerFile);
    await writer.ready();
    const control = new AbortController();
    const writing = writer.write(requestFor('long text '.repeat(300), { maxTokens: 500 }), control.signal);
    control.abort();
    expect((await writing).silence).toMatchObject({ reason: 'cancelled' });
    expect((await writer.write(requestFor('a'), AbortSignal.abort())).silence).toMatchObject({
      reason: 'cancelled',
    });
  });

  test('a prompt that cannot fit is a silence with a reason', async () => {
    const writer = writerOver(built.workerFile);
    const parts = [{ kind: 'text', text: 'abc '.repeat(100) }] as const;
    const outcome = await writer.write(requestFor('abc', { prompt: { parts, maxTokens: 50 } }), unabortable);
    expect(outcome.silence).toMatchObject({ reason: 'prompt-too-long' });
  });

  test('comments and strings are told by the grammar', async () => {
    const writer = writerOver(built.workerFile);
    const at = (before: string, after = ''): WriteRequest =>
      requestFor(before, {
        program: { languageId: 'python', before, after: `${after}\nx = 1\n` },
        inComments: false,
        inStrings: false,
      });
    expect((await writer.write(at('x = 2  # why'), unabortable)).silence).toMatchObject({
      reason: 'in-comment',
    });
    expect((await writer.write(at('x = "why', '"'), unabortable)).silence).toMatchObject({
      reason: 'in-string',
    });
    const code = await writer.write(at('x = 2 + '), unabortable);
    expect(['in-comment', 'in-string']).not.toContain(code.silence?.reason);
  });

  test('a language without a grammar is said in the trace', async () => {
    const writer = writerOver(built.workerFile);
    const outcome = await writer.write(requestFor('abc', { syntax: true }), unabortable);
    expect(outcome.trace).toContainEqual(
      expect.objectContaining({ kind: 'note', text: expect.stringContaining('no grammar for plaintext') }),
    );
  });

  test('after dispose nothing is written', async () => {
    const writer = writerOver(built.workerFile);
    await writer.ready();
    await writer.dispose();
    await expect(writer.write(requestFor('a'), unabortable)).rejects.toThrow(EngineFailure);
  });
});

describe('a bundle that cannot be used', () => {
  async function brokenBundle(damage: (folder: string) => Promise<void>): Promise<string> {
    const folder = await randomBundleFolder();
    await damage(folder);
    return folder;
  }

  test.each<[string, (folder: string) => Promise<void>, RegExp]>([
    ['missing', (folder) => rm(folder, { recursive: true }), /does not exist/],
    ['without a file', (folder) => rm(path.join(folder, 'head.onnx')), /head\.onnx is missing/],
    ['cut off', (folder) => truncate(path.join(folder, 'block-1.bin'), 100), /block-1\.bin has 100 bytes/],
    [
      'of another version',
      async (folder) => {
        const file = path.join(folder, 'bundle.json');
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace('"version": 1', '"version": 99'));
      },
      /version 99/,
    ],
    [
      'with a changed byte',
      async (folder) => {
        const file = path.join(folder, 'block-2.bin');
        const bytes = await readFile(file);
        bytes[100]! ^= 1;
        await writeFile(file, bytes);
      },
      /block-2\.bin is not the one .*SHA-256 differs/,
    ],
  ])('%s: says so, and does not try again', async (_, damage, words) => {
    const folder = await brokenBundle(damage);
    const writer = writerOver(built.workerFile, folder);
    await expect(writer.ready()).rejects.toThrow(words);
    await expect(writer.write(requestFor('a'), unabortable)).rejects.toThrow(EngineFailure);
    expect(writer.state.kind).toBe('broken');
    await removeBundle(folder);
  });
});

describe('a worker that dies', () => {
  const ready = `{ kind: 'ready', engine: { model: 'm', device: 'cpu', layers: 1, exits: [1], maxTokens: 9 } }`;

  async function standIn(onWrite: string): Promise<{ readonly file: string; readonly folder: string }> {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'worker.mjs');
    await writeFile(
      file,
      `import { parentPort } from 'node:worker_threads';
       const outcome = { drafts: [], cost: {}, trace: [] };
       parentPort.postMessage(${ready});
       parentPort.on('message', (message) => {
         if (message.kind === 'dispose') parentPort.close();
         if (message.kind === 'write') { ${onWrite} }
       });`,
    );
    return { file, folder };
  }

  test('is explained once, started again, and answers again', async () => {
    const { file, folder } = await standIn(
      `if (message.request.maxTokens === 1) process.exit(3);
       parentPort.postMessage({ kind: 'outcome', id: message.id, outcome });`,
    );
    const states: EngineState[] = [];
    const writer = writerOver(file, folder, (state) => states.push(state));
    await writer.ready();
    const killing = requestFor('a', { maxTokens: 1 });
    await expect(writer.write(killing, unabortable)).rejects.toThrow(/exit code 3.*started again/);
    const outcome = await writer.write(requestFor('a'), unabortable);
    expect(outcome.drafts).toEqual([]);
    expect(states.filter((state) => state.kind === 'restarting')).toHaveLength(1);
    expect(states.at(-1)!.kind).toBe('ready');
    await rm(folder, { recursive: true });
  });

  test('leaves no answers behind for the next one', async () => {
    const { file, folder } = await standIn(
      `if (message.request.maxTokens === 1) {
         parentPort.postMessage({ kind: 'question', id: message.id, number: 1, question: {} });
         setTimeout(() => process.exit(3), 1);
       } else setTimeout(() => parentPort.postMessage({ kind: 'outcome', id: message.id, outcome }), 50);
       parentPort.on('message', (later) => {
         if (later.kind === 'answer') outcome.trace.push({ kind: 'note', text: later.answer });
       });`,
    );
    let answer: (value: string) => void = () => undefined;
    const asked = new Promise<string>((resolve) => (answer = resolve));
    const writer = new WorkerWriter({
      ...{ workerFile: file, bundleDir: folder, grammarsDir: folder, threads: 1, restartDelay: () => 1 },
      answer: () => asked,
    });
    open.push(writer);
    await expect(writer.write(requestFor('a', { maxTokens: 1 }), unabortable)).rejects.toThrow(/exit code 3/);
    await writer.ready();
    const writing = writer.write(requestFor('a'), unabortable);
    answer('too late');
    expect((await writing).trace).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test.each([
    `Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })`,
    `new RangeError('Array buffer allocation failed')`,
    `new RangeError('WebAssembly.Memory(): could not allocate memory: out of memory')`,
  ])('for want of memory is told so: %s', async (error) => {
    const { file, folder } = await standIn(`throw ${error};`);
    const writer = writerOver(file, folder);
    await writer.ready();
    await expect(writer.write(requestFor('a'), unabortable)).rejects.toThrow(
      /ran out of memory: close other programs, or choose a smaller bundle/,
    );
    await rm(folder, { recursive: true });
  });

  test('again and again is given up', async () => {
    const { file, folder } = await standIn(`throw new Error('bad luck');`);
    const writer = writerOver(file, folder);
    const failures: string[] = [];
    while (writer.state.kind !== 'broken' && failures.length < 20) {
      await writer.ready().catch(() => undefined);
      await writer
        .write(requestFor('a'), unabortable)
        .catch((error: unknown) => failures.push((error as Error).message));
    }
    expect(failures).toHaveLength(5);
    expect(failures[0]).toContain('bad luck');
    expect(failures.at(-1)).toContain('5 times in a row');
    await rm(folder, { recursive: true });
  });

  test('waits longer each time', () => {
    expect([1, 2, 3, 4].map(backOff)).toEqual([0, 1000, 2000, 4000]);
  });
});
