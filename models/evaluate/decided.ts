/**
 * How decided a model is: by how many nats its likeliest next token leads the second.
 * `node --import tsx models/evaluate/decided.ts FOLDER [--prompts N]` says it of a bundle with SmolLM2's vocabulary, at
 * every place of the golden prompts (code) from the 32nd token on.
 */
import { parseArgs } from 'node:util';
import { readGolden } from './golden.js';
import { loadWholeText } from './whole-text.js';

/** Where shares of leads are told, in nats. */
const BELOW = [0.05, 0.1, 0.2, 0.5, 1, 2] as const;

export interface Decided {
  readonly places: number;
  /** The median lead in nats. */
  readonly median: number;
  /** The share of leads below so many nats. */
  readonly below: Readonly<Record<string, number>>;
}

/** By how much the largest of the logits exceeds the second. */
export function leadOf(logits: Float32Array): number {
  let [first, second] = [-Infinity, -Infinity];
  for (const logit of logits) {
    if (logit > first) [first, second] = [logit, first];
    else if (logit > second) second = logit;
  }
  return first - second;
}

export function decided(leads: readonly number[]): Decided {
  const sorted = [...leads].sort((a, b) => a - b);
  const share = (most: number): number => sorted.filter((lead) => lead < most).length / sorted.length;
  return {
    places: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)]!,
    below: Object.fromEntries(BELOW.map((most) => [most, Number(share(most).toFixed(3))])),
  };
}

async function main(folder: string, prompts: number): Promise<void> {
  const from = 32;
  const model = await loadWholeText(folder, 1);
  const { hidden, vocabulary } = model.bundle.architecture;
  const leads: number[] = [];
  for (const { tokens } of readGolden().prompts.slice(0, prompts)) {
    const logits = await model.head((await model.read(tokens)).slice(from * hidden));
    for (let at = 0; at < logits.length; at += vocabulary)
      leads.push(leadOf(logits.subarray(at, at + vocabulary)));
  }
  await model.release();
  console.log(JSON.stringify(decided(leads)));
}

if (process.argv[1]?.endsWith('decided.ts')) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { prompts: { type: 'string', default: '100' } },
  });
  if (positionals[0] === undefined) throw new Error('Name a bundle.');
  await main(positionals[0], Number(values.prompts));
}
