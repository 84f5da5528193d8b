/** How well a model foresees a passage: the probabilities of its last tokens, and which lines it would write. */
import type { CodePassage } from './code-passages.js';
import type { WholeTextModel } from './whole-text.js';

export interface PassageScore {
  /** Sum of natural logarithms of the probabilities of the scored tokens. */
  readonly logProb: number;
  readonly tokens: number;
  /** For each case, whether the likeliest token is the line's at each of its positions, and ends the line after it. */
  readonly exact: readonly boolean[];
}

export interface Encoder {
  encode(text: string): readonly number[];
  /** The text of one token, with U+FFFD where it is not whole. */
  textOf(token: number): string;
}

/** Tokens of context, and how many of them are scored beside those of the lines. */
const CONTEXT = 256;
const SCORED = 64;

export async function scorePassage(
  model: WholeTextModel,
  encoder: Encoder,
  { before, after, cases }: CodePassage,
): Promise<PassageScore> {
  const contextTokens = encoder.encode(before).length;
  const skipped = Math.max(0, contextTokens - CONTEXT);
  const tokens = encoder.encode(before + after).slice(skipped);
  const ends = characterEnds(tokens, encoder, before.length + after.length);
  const { hidden: width, vocabulary } = model.bundle.architecture;
  const first = Math.max(1, contextTokens - skipped - SCORED);

  const hidden = await model.read(tokens);
  const logits = await model.head(hidden.slice((first - 1) * width, (tokens.length - 1) * width));
  let logProb = 0;
  const exact = cases.map(() => true);
  for (let position = first; position < tokens.length; position++) {
    const row = logits.subarray((position - first) * vocabulary, (position - first + 1) * vocabulary);
    const { best, logSum } = summary(row);
    logProb += row[tokens[position]!]! - logSum;
    if (agrees(best, tokens[position]!, encoder)) continue;
    for (const [index, [start, end]] of cases.entries()) {
      // A case's tokens are those that reach into it, and the line break after it.
      const reachesIn = ends[position]! > before.length + start && ends[position - 1]! <= before.length + end;
      if (reachesIn) exact[index] = false;
    }
  }
  return { logProb, tokens: tokens.length - first, exact };
}

/** Where each token ends, in characters from the start of the text; the last one ends it. */
function characterEnds(tokens: readonly number[], encoder: Encoder, length: number): number[] {
  const ends = new Array<number>(tokens.length);
  let end = length;
  for (let index = tokens.length - 1; index >= 0; index--) {
    ends[index] = end;
    end -= encoder.textOf(tokens[index]!).length;
  }
  return ends;
}

/** Tokens that begin with a line break end the line, whatever indentation they carry for the next. */
function agrees(best: number, wanted: number, encoder: Encoder): boolean {
  return (
    best === wanted || (encoder.textOf(best).startsWith('\n') && encoder.textOf(wanted).startsWith('\n'))
  );
}

/** The likeliest token, and the logarithm of the sum of exponentials. */
export function summary(logits: Float32Array): { best: number; logSum: number } {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[best]!);
  return { best, logSum: logits[best]! + Math.log(sum) };
}
