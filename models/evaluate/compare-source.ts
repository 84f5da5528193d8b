/**
 * Whether a bundle is still the model it was made from: a bundle, llama.cpp on the GGUF and the PyTorch reference over
 * the hundred golden prompts: `node --import tsx models/evaluate/compare-source.ts --gguf FILE FOLDER [--prompts N]`, or
 * those of another file, with `--golden FOLDER`. Printed for each pair: differences of the log-probabilities of the prompts' last 16 tokens, and how many of the greedy
 * continuations of 32 tokens are the same.
 */
import { parseArgs } from 'node:util';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import { never } from '../../language-server/inference/cancellation.js';
import { readGolden } from './golden.js';
import { loadLlama, type Llama } from './llama.js';
import { summary } from './score-passage.js';
import { loadWholeText, type WholeTextModel } from './whole-text.js';

interface Answer {
  /** Natural logarithms of the probabilities of the prompt's last tokens. */
  readonly logProbs: readonly number[];
  readonly greedy: readonly number[];
}

async function answerOfBundle(
  whole: WholeTextModel,
  model: OnnxModel,
  tokens: readonly number[],
): Promise<Answer> {
  const logits = await whole.head(await whole.read(tokens));
  const { vocabulary } = whole.bundle.architecture;
  const logProbs = tokens.slice(1).map((token, index) => {
    const row = logits.subarray(index * vocabulary, (index + 1) * vocabulary);
    return row[token]! - summary(row).logSum;
  });
  const session = await model.open(tokens, never);
  try {
    const greedy: number[] = [];
    let branch = session.root;
    let input = tokens.at(-1)!;
    while (greedy.length < CONTINUATION) {
      const [result] = await session.forward([{ after: branch, input: [[input, 1]] }], fullDepth);
      if (result?.kind !== 'logits') throw new Error('The engine stopped although nothing told it to.');
      input = summary(result.logits).best;
      greedy.push(input);
      branch = result.branch;
    }
    return { logProbs: logProbs.slice(-SCORED), greedy };
  } finally {
    session[Symbol.dispose]();
  }
}

async function answerOfLlama(llama: Llama, tokens: readonly number[]): Promise<Answer> {
  await llama.reset();
  const logProbs = await llama.logProbs(tokens, tokens.length - SCORED);
  await llama.reset();
  const greedy = [await llama.next(tokens)];
  while (greedy.length < CONTINUATION) greedy.push(await llama.next(greedy.slice(-1)));
  return { logProbs, greedy };
}

function report(name: string, left: readonly Answer[], right: readonly Answer[]): string {
  const differences = left
    .flatMap(({ logProbs }, index) =>
      logProbs.map((value, at) => Math.abs(value - right[index]!.logProbs[at]!)),
    )
    .sort((a, b) => a - b);
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const signed = left.flatMap(({ logProbs }, index) =>
    logProbs.map((value, at) => value - right[index]!.logProbs[at]!),
  );
  const bias = signed.reduce((sum, value) => sum + value, 0) / signed.length;
  const same = left.filter(({ greedy }, index) => String(greedy) === String(right[index]!.greedy)).length;
  const at = (share: number): string => differences[Math.floor(share * (differences.length - 1))]!.toFixed(4);
  const cells = [
    name,
    bias.toFixed(4),
    mean.toFixed(4),
    at(0.5),
    at(0.99),
    at(1),
    `${same} of ${left.length}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** One thread each: programs that share the processor make two wait for each other. */
const THREADS = 1;
const CONTINUATION = 32;
/** Tokens at the end of each prompt whose log-probabilities are compared. */
const SCORED = 16;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gguf: { type: 'string' },
    golden: { type: 'string' },
    prompts: { type: 'string', default: '100' },
  },
});
if (values.gguf === undefined) throw new Error('Name the GGUF with --gguf.');
const { prompts } = readGolden(values.golden);
const chosen = prompts.slice(0, Number(values.prompts));
const llama = await loadLlama(values.gguf, THREADS);
const answers: [name: string, Answer[]][] = [
  ['PyTorch', chosen.map(({ logProbs, greedy }) => ({ logProbs: logProbs.slice(-SCORED), greedy }))],
];
const ofLlama: Answer[] = [];
for (const { tokens } of chosen) ofLlama.push(await answerOfLlama(llama, tokens));
console.error('llama.cpp has answered.');
answers.push(['llama.cpp', ofLlama]);
for (const folder of positionals) {
  const whole = await loadWholeText(folder, THREADS);
  const model = await loadOnnxModel(whole.bundle, { threads: THREADS });
  const own: Answer[] = [];
  for (const { tokens } of chosen) own.push(await answerOfBundle(whole, model, tokens));
  console.error(`${whole.bundle.weights} has answered.`);
  answers.push([whole.bundle.weights, own]);
  await model.release();
  await whole.release();
}
console.log(`${chosen.length} prompts, ${chosen.length * SCORED} tokens`);
console.log(
  '| pair | mean difference | mean size | median size | 99th percentile | largest | same 32 tokens |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const [index, [name, left]] of answers.entries()) {
  for (const [other, right] of answers.slice(0, index))
    console.log(report(`${name} – ${other}`, left, right));
}
process.exit(0);
