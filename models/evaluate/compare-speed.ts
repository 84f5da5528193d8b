/**
 * Speed of bundles beside llama.cpp, in turns within one process:
 * `node --import tsx models/evaluate/compare-speed.ts [--gguf FILE]... [--rounds N] FOLDER...`.
 * Decoding: one token behind 512 others. Prompt: 512 tokens, bundles in chunks of 128, llama.cpp in its own batches.
 * Other programs disturb single turns: the tenth percentile and the median of all turns are printed.
 */
import { parseArgs } from 'node:util';
import { loadLlama, type Llama } from './llama.js';
import { loadWholeText, type WholeTextModel } from './whole-text.js';

interface Contestant {
  readonly name: string;
  /** Milliseconds of some decoded tokens, one by one. */
  decode(): Promise<number[]>;
  /** Milliseconds for reading 512 tokens. */
  prompt(): Promise<number>;
}

const CONTEXT = 512;
const CHUNK = 128;
const TOKENS_A_TURN = 6;

function ofBundle(name: string, model: WholeTextModel): Contestant {
  return {
    name,
    decode: async () => {
      const times: number[] = [];
      for (let token = 0; token < TOKENS_A_TURN; token++) {
        times.push(await timed(async () => model.head(await model.step(1, CONTEXT))));
      }
      return times.slice(1);
    },
    prompt: () =>
      timed(async () => {
        for (let past = 0; past < CONTEXT; past += CHUNK) await model.step(CHUNK, past);
      }),
  };
}

function ofLlama(name: string, llama: Llama): Contestant {
  const tokens = Array.from({ length: CONTEXT }, (_, index) => 1000 + 7 * index);
  return {
    name,
    decode: async () => {
      await llama.reset();
      await llama.read(tokens);
      const times: number[] = [];
      for (let token = 0; token < TOKENS_A_TURN; token++)
        times.push(await timed(() => llama.next([1234 + token])));
      return times.slice(1);
    },
    prompt: async () => {
      await llama.reset();
      return timed(() => llama.read(tokens));
    },
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function quantile(values: readonly number[], share: number): string {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!.toFixed(1);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gguf: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '10' },
  },
});
const contestants: Contestant[] = [];
for (const file of values.gguf)
  contestants.push(ofLlama(`llama.cpp ${file.split('/').at(-1)}`, await loadLlama(file)));
for (const folder of positionals)
  contestants.push(ofBundle(folder.split('/').at(-1)!, await loadWholeText(folder)));
const results = contestants.map(() => ({ decode: [] as number[], prompt: [] as number[] }));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [index, contestant] of contestants.entries()) {
    results[index]!.decode.push(...(await contestant.decode()));
    results[index]!.prompt.push(await contestant.prompt());
  }
}
console.log(
  '| | ms/token p10 | median | 512 tokens of prompt, ms p10 | median |\n| --- | --- | --- | --- | --- |',
);
for (const [index, { name }] of contestants.entries()) {
  const { decode, prompt } = results[index]!;
  console.log(
    `| ${name} | ${[decode, prompt].flatMap((of) => [quantile(of, 0.1), quantile(of, 0.5)]).join(' | ')} |`,
  );
}
process.exit(0);
