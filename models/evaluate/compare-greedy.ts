/**
 * What a bundle and llama.cpp on the same GGUF say next:
 * `node --import tsx models/evaluate/compare-greedy.ts --gguf FILE FOLDER [--prompts N] [--tokens N] [--length N]`.
 * Prompts are those of the golden file where the vocabulary is its own, else random tokens. Printed: in how many
 * prompts the first greedy token, and all of them, are the same; and how far log-probabilities are apart. Golden
 * prompts of full length (128) also tell how often either program says PyTorch's first token.
 */
import { parseArgs } from 'node:util';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import { loadOnnxModel, type OnnxModel } from '../../language-server/inference/onnx-model.js';
import { readGolden } from './golden.js';
import { loadLlama, type Llama } from './llama.js';
import { summary } from './score-passage.js';
import { loadWholeText } from './whole-text.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gguf: { type: 'string' },
    prompts: { type: 'string', default: '100' },
    tokens: { type: 'string', default: '8' },
    length: { type: 'string', default: '32' },
  },
});
const [folder] = positionals;
if (values.gguf === undefined || folder === undefined)
  throw new Error('Name the GGUF with --gguf, and a bundle.');
const continuation = Number(values.tokens);
const golden = readGolden();
const whole = await loadWholeText(folder, 2);
const { vocabulary } = whole.bundle.architecture;
const prompts = Array.from({ length: Number(values.prompts) }, (_, index) =>
  vocabulary === 49_152
    ? golden.prompts[index]!.tokens.slice(0, Number(values.length))
    : Array.from(
        { length: Number(values.length) },
        (_unused, at) => (index * 7919 + at * at * 104_729 + at) % 151_643,
      ),
);

async function ofBundle(model: OnnxModel, tokens: readonly number[]): Promise<number[]> {
  using session = await model.open(tokens, never);
  const greedy: number[] = [];
  let branch = session.root;
  let input = tokens.at(-1)!;
  while (greedy.length < continuation) {
    const [result] = await session.forward([{ after: branch, input: [[input, 1]] }], fullDepth);
    if (result?.kind !== 'logits') throw new Error('The engine stopped although nothing told it to.');
    input = summary(result.logits).best;
    greedy.push(input);
    branch = result.branch;
  }
  return greedy;
}

async function ofLlama(llama: Llama, tokens: readonly number[]): Promise<number[]> {
  await llama.reset();
  const greedy = [await llama.next(tokens)];
  while (greedy.length < continuation) greedy.push(await llama.next(greedy.slice(-1)));
  return greedy;
}

const llama = await loadLlama(values.gguf, 2);
const theirs: { greedy: number[]; logProbs: number[] }[] = [];
for (const tokens of prompts) {
  const greedy = await ofLlama(llama, tokens);
  await llama.reset();
  theirs.push({ greedy, logProbs: await llama.logProbs(tokens, tokens.length - 4) });
}
const model = await loadOnnxModel(whole.bundle, { threads: 2 });
let first = 0;
let all = 0;
let agreed = 0;
let oursAsPyTorch = 0;
let theirsAsPyTorch = 0;
const told = prompts[0]!.length === golden.prompts[0]!.tokens.length;
const differences: number[] = [];
for (const [index, tokens] of prompts.entries()) {
  const greedy = await ofBundle(model, tokens);
  const other = theirs[index]!;
  if (greedy[0] === other.greedy[0]) first++;
  if (greedy[0] === golden.prompts[index]?.greedy[0]) oursAsPyTorch++;
  if (other.greedy[0] === golden.prompts[index]?.greedy[0]) theirsAsPyTorch++;
  if (String(greedy) === String(other.greedy)) all++;
  const parted = greedy.findIndex((token, at) => token !== other.greedy[at]);
  agreed += parted < 0 ? continuation : parted;
  const logits = await whole.head(await whole.read(tokens));
  other.logProbs.forEach((logProb, at) => {
    const position = tokens.length - 4 + at;
    const row = logits.subarray((position - 1) * vocabulary, position * vocabulary);
    differences.push(Math.abs(row[tokens[position]!]! - summary(row).logSum - logProb));
  });
}
differences.sort((a, b) => a - b);
const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
console.log(
  `${whole.bundle.name}, ${whole.bundle.weights}: first greedy token the same in ${first} of ${prompts.length} prompts, all ${continuation} in ${all}; ${agreed} of ${prompts.length * continuation} tokens before they part. Log-probabilities: mean size of difference ${mean.toFixed(5)}, largest ${differences.at(-1)!.toFixed(5)} (${differences.length}).`,
);
if (told && vocabulary === 49_152)
  console.log(`The first token is PyTorch's: ours in ${oursAsPyTorch}, llama.cpp's in ${theirsAsPyTorch}.`);
process.exit(0);
