/** Decoding of exactly so many tokens, whatever they say: times of equal lengths compare. */
import { anything } from '../../language-server/constraints/constraint.js';
import { BackingUp } from '../../language-server/decoding/aligned/backing-up.js';
import { alphabetOf } from '../../language-server/decoding/alphabet.js';
import { Answers, askNobody } from '../../language-server/decoding/answers.js';
import { decode } from '../../language-server/decoding/decode.js';
import { noDoubt } from '../../language-server/decoding/doubt/doubt.js';
import { wayOf } from '../../language-server/decoding/drafting/ways.js';
import { countNgrams } from '../../language-server/decoding/ngrams/ngram-counts.js';
import { interpolated } from '../../language-server/decoding/ngrams/interpolated.js';
import type { Writing } from '../../language-server/decoding/write.js';
import type { WriteRequest } from '../../language-server/decoding/write-request.js';
import { never } from '../../language-server/inference/cancellation.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { ExitPolicy } from '../../language-server/inference/model.js';
import { encodePrompt } from '../../language-server/tokens/encode-prompt.js';
import type { Vocabulary } from '../../language-server/tokens/vocabulary.js';
import { spentOn } from './spent.js';

export interface Times {
  /** Milliseconds of writing the drafts. */
  readonly writing: number;
  /** ... and of what has to be read once more, of drafts that shared rows, before all can be ranked. */
  readonly ranking: number;
  /** Of the processor, for both, and for opening the session. */
  readonly cpu: number;
}

/** What is made once of a vocabulary is not made again, and timed, at each call. */
const known = new WeakMap<Vocabulary, Vocabulary>();

/** The vocabulary without an end of text. */
function endless(vocabulary: Vocabulary): Vocabulary {
  const without = known.get(vocabulary) ?? { ...vocabulary, endOfText: new Set<number>() };
  known.set(vocabulary, without);
  return without;
}

/** Times for drafts of exactly `length` tokens after the prompt of `request`, which should be in the cache. */
export async function timesOfExactly(
  length: number,
  request: WriteRequest,
  { model, tokenizer, ngrams }: Pick<Writing, 'model' | 'tokenizer' | 'ngrams'>,
  policy: ExitPolicy = fullDepth,
): Promise<Times> {
  const prompt = encodePrompt(request.prompt, tokenizer)!;
  const next = () => {
    const texts = request.nearby.map((text) => tokenizer.encode(text));
    return interpolated([ngrams, countNgrams([prompt, ...texts], ngrams.orders)]);
  };
  const trace = () => undefined;
  const way = wayOf(request, next);
  const [{ decodeMs, readAgain }, { cpuMs }] = await spentOn(() =>
    decode(
      {
        prompt,
        vocabulary: endless(tokenizer.vocabulary),
        constraint: anything,
        healed: '',
        after: '',
        leastClosing: undefined,
        ahead: request.speculation ? alphabetOf(tokenizer.vocabulary, false) : undefined,
        policy,
        depth: fullDepth,
        doubt: noDoubt,
        width: request.drafts,
        ...way,
        endingRule: () => [],
        endsWithLine: false,
        commentSigns: [],
        maxTokens: length,
        patience: 4096,
        isLate: () => false,
        answers: new Answers({ ask: askNobody, deadlineMs: 0, trace }),
        backingUp: new BackingUp({
          exponent: 0,
          seed: 0,
          chosenAbove: 0.5,
          mostRemoved: 1,
          mostTakenBack: 0,
        }),
        cancellation: never,
        trace,
        onStep: trace,
      },
      model,
    ),
  );
  return { writing: decodeMs - (readAgain?.ms ?? 0), ranking: decodeMs, cpu: cpuMs };
}
