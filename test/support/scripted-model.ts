/** A model that says what a test wants, for unit tests of decoding. */
import { Cancelled } from '../../language-server/inference/cancellation.js';
import type { Branch, Forward, LanguageModel, Session } from '../../language-server/inference/model.js';
import type { TokenId, Vocabulary } from '../../language-server/tokens/vocabulary.js';

/** Probabilities of the next token, by token, given the tokens after the prompt, and the prompt. */
export type Script = (
  written: readonly TokenId[],
  prompt: readonly TokenId[],
) => ReadonlyMap<TokenId, number>;

export interface ScriptedModel extends LanguageModel {
  /** Steps of each forward call so far. */
  readonly batches: readonly number[];
}

/** Tokens that the script does not name share what it leaves. */
export function scriptedModel(vocabulary: Vocabulary, script: Script): ScriptedModel {
  const batches: number[] = [];
  return {
    layers: 1,
    exits: [1],
    maxTokens: 1000,
    batches,
    open(prompt, cancellation): Promise<Session> {
      const rows: TokenId[] = [];
      const root: Branch = { rows: [] };
      return Promise.resolve({
        root,
        reading: { promptTokens: prompt.length, reusedTokens: 0, promptMs: 0 },
        forward(steps) {
          if (cancellation.requested) return Promise.reject(new Cancelled());
          batches.push(steps.length);
          const forwards = steps.map(({ after, input }): Forward => {
            rows.push(input[0]![0]);
            const branch = { rows: [...after.rows, rows.length - 1] };
            const written = branch.rows.slice(1).map((row) => rows[row]!);
            return {
              kind: 'logits',
              logits: logitsOf(script(written, prompt), vocabulary.size),
              exit: 1,
              branch,
            };
          });
          return Promise.resolve(forwards);
        },
        [Symbol.dispose]: () => undefined,
      });
    },
  };
}

function logitsOf(probabilities: ReadonlyMap<TokenId, number>, size: number): Float32Array {
  const named = [...probabilities.values()].reduce((sum, probability) => sum + probability, 0);
  const rest = Math.max(1e-9, (1 - named) / Math.max(1, size - probabilities.size));
  const logits = new Float32Array(size).fill(Math.log(rest));
  for (const [token, probability] of probabilities) logits[token] = Math.log(probability);
  return logits;
}
