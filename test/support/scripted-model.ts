/** A model that says what a test wants, for unit tests of decoding; like the real one it keeps rows for one session only. */
import { Cancelled } from '../../language-server/inference/cancellation.js';
import type {
  Branch,
  ExitPolicy,
  Forward,
  LanguageModel,
  Session,
  Spoken,
  TokenMixture,
} from '../../language-server/inference/model.js';
import type { TokenId, Vocabulary } from '../../language-server/tokens/vocabulary.js';

/** Probabilities of the next token, by token, given the tokens after the prompt, and the prompt. */
export type Script = (
  written: readonly TokenId[],
  prompt: readonly TokenId[],
) => ReadonlyMap<TokenId, number>;

export interface ScriptedModel extends LanguageModel {
  /** Steps of each forward call so far. */
  readonly batches: readonly number[];
  /** How deep each of them was to go. */
  readonly depths: readonly ExitPolicy[];
}

/** Tokens that the script does not name share what it leaves. */
export function scriptedModel(vocabulary: Vocabulary, script: Script): ScriptedModel {
  const batches: number[] = [];
  const depths: ExitPolicy[] = [];
  return {
    layers: 1,
    exits: [1],
    maxTokens: 1000,
    batches,
    depths,
    open(prompt, cancellation): Promise<Session> {
      const rows: TokenMixture[] = [];
      const root: Branch = { rows: [] };
      const own = new WeakSet([root]);
      let ended = false;
      const step = (after: Branch, input: TokenMixture): Spoken => {
        if (ended) throw new Error('This session has ended.');
        if (!own.has(after)) throw new Error('This branch is not of this session.');
        rows.push(input);
        const branch = { rows: [...after.rows, rows.length - 1] };
        own.add(branch);
        const mixtures = branch.rows.slice(1).map((row) => rows[row]!);
        const logits = logitsOf(
          superposition(mixtures, (written) => script(written, prompt)),
          vocabulary.size,
        );
        return { kind: 'logits', logits, exit: 1, branch };
      };
      return Promise.resolve({
        root,
        reading: { promptTokens: prompt.length, reusedTokens: 0, promptMs: 0 },
        forward(steps, policy) {
          if (cancellation.requested) return Promise.reject(new Cancelled());
          batches.push(steps.length);
          depths.push(policy);
          const forwards = steps.map(({ after, input }): Forward => step(after, input));
          return Promise.resolve(forwards);
        },
        readTree(tree, depth) {
          if (cancellation.requested) return Promise.reject(new Cancelled());
          batches.push(tree.length);
          depths.push(depth);
          const spoken: Spoken[] = [];
          for (const { token, parent } of tree)
            spoken.push(step(typeof parent === 'number' ? spoken[parent]!.branch : parent, [[token, 1]]));
          return Promise.resolve(spoken);
        },
        [Symbol.dispose]: () => {
          ended = true;
        },
      });
    },
  };
}

/** What is likely after mixtures: the script's answers to every text that they may stand for, by its weight. */
function superposition(
  mixtures: readonly TokenMixture[],
  script: (written: readonly TokenId[]) => ReadonlyMap<TokenId, number>,
): ReadonlyMap<TokenId, number> {
  const texts = mixtures.reduce<readonly (readonly [readonly TokenId[], number])[]>(
    (sofar, mixture) =>
      sofar.flatMap(([text, weight]) =>
        mixture.map(([token, share]) => [[...text, token], weight * share] as const),
      ),
    [[[], 1]],
  );
  const all = new Map<TokenId, number>();
  for (const [text, weight] of texts)
    for (const [token, probability] of script(text))
      all.set(token, (all.get(token) ?? 0) + weight * probability);
  return all;
}

function logitsOf(probabilities: ReadonlyMap<TokenId, number>, size: number): Float32Array {
  const named = [...probabilities.values()].reduce((sum, probability) => sum + probability, 0);
  const rest = Math.max(1e-9, (1 - named) / Math.max(1, size - probabilities.size));
  const logits = new Float32Array(size).fill(Math.log(rest));
  for (const [token, probability] of probabilities) logits[token] = Math.log(probability);
  return logits;
}
