/** Which parts of the gpu benchmark a run measures: `--parts coder,gguf`. */
import { WrongArguments } from '../benchmark.js';

const PARTS = ['bundle', 'coder', 'gguf'] as const;
export type Part = (typeof PARTS)[number];

/** Whether the bundle is measured, and where the coder's bundle and the GGUF file are where they are. */
export interface Parts {
  readonly bundle: boolean;
  readonly coder: string | undefined;
  readonly gguf: string | undefined;
}

/**
 * Without an answer to `--parts`, the bundle and whatever is named.
 * @throws WrongArguments for a name that is no part, one whose files are not named, or a count of rounds that is none.
 */
export function partsAsked(options: Readonly<Record<string, string | undefined>>): Parts {
  const { parts, coder, gguf, rounds, cpu, llama } = options;
  if (rounds !== undefined && !/^[1-9]\d*$/.test(rounds))
    throw new WrongArguments(`--rounds needs a whole number above zero, not ${rounds}.`);
  if (cpu !== undefined && cpu !== 'no') throw new WrongArguments(`--cpu takes no, not ${cpu}.`);
  if (llama !== undefined && llama !== 'vulkan' && llama !== 'cuda')
    throw new WrongArguments(`--llama takes vulkan or cuda, not ${llama}.`);
  if (parts === undefined) return { bundle: true, coder, gguf };
  const names = parts.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!PARTS.some((part) => part === name))
      throw new WrongArguments(`“${name}” in --parts is no part; there are ${PARTS.join(', ')}.`);
    if (name !== 'bundle' && options[name] === undefined)
      throw new WrongArguments(`--parts asks for ${name}: name it with --${name}.`);
  }
  return {
    bundle: names.includes('bundle'),
    coder: names.includes('coder') ? coder : undefined,
    gguf: names.includes('gguf') ? gguf : undefined,
  };
}
