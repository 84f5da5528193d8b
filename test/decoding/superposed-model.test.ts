/** Superposed drafts on the real engine: read again, each is as likely as if it had been written alone. */
import { expect, test } from 'vitest';
import { decode } from '../../language-server/decoding/decode.js';
import { isEstimated, type Draft } from '../../language-server/decoding/draft.js';
import { superposed } from '../../language-server/decoding/drafting/superposed.js';
import { never } from '../../language-server/inference/cancellation.js';
import { logProbability } from '../../language-server/tokens/log-probabilities.js';
import { openRandomEngine } from '../support/open-random-engine.js';
import { step } from '../support/random-engine.js';
import { runScript, type ScriptedRun } from '../support/scripted-decoding.js';

const engine = openRandomEngine();
/** Of the random bundle's tokens but the first, which ends the text. */
const spellings = Array.from({ length: 272 }, (_, index) => `${index} `);

/** Five drafts, told apart by n-grams of even and odd tokens. */
function written(prompt: readonly number[], maxTokens: number): Promise<ScriptedRun> {
  const drafting = superposed((before, token) => ((before.at(-1)! + token) % 2 === 0 ? 0.5 : 0.01));
  const nothing = () => ({});
  return runScript(spellings, nothing, { prompt, width: 5, drafting, maxTokens }, (decoding) =>
    decode(decoding, engine.model),
  );
}

async function logProbsAlone(prompt: readonly number[], { tokens }: Draft): Promise<readonly number[]> {
  using session = await engine.model.open(prompt, never);
  const logProbs: number[] = [];
  let spoken = await step(session, session.root, prompt.at(-1)!);
  for (const { token } of tokens) {
    logProbs.push(logProbability(spoken.logits, token));
    spoken = await step(session, spoken.branch, token);
  }
  return logProbs;
}

const prompts = [
  [5, 6, 7],
  [31, 200, 17, 90],
  [8, 8, 101, 4, 77],
];

/** In the longer ones a draft is read again while it is written. */
test.each(prompts.flatMap((prompt) => [6, 16].map((length) => ({ prompt, length }))))(
  'after $prompt, of $length tokens',
  async ({ prompt, length }) => {
    const { drafts, history } = await written(prompt, length);
    expect(history.flat().some(isEstimated)).toBe(true);
    expect(drafts.length).toBeGreaterThan(1);
    expect(drafts.some(isEstimated)).toBe(false);
    for (const draft of drafts) {
      const alone = await logProbsAlone(prompt, draft);
      for (const [at, { logProb }] of draft.tokens.entries()) expect(logProb).toBeCloseTo(alone[at]!, 3);
    }
  },
);
