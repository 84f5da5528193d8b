/** Reads a prompt before anything is asked for: what the next request has in common with it is then in the cache. */
import { Cancelled, type Cancellation } from '../inference/cancellation.js';
import type { LanguageModel } from '../inference/model.js';
import { encodePrompt } from '../tokens/encode-prompt.js';
import type { Prompt } from '../tokens/prompt.js';
import type { Tokenizer } from '../tokens/vocabulary.js';
import type { ReadAhead } from './write-request.js';

/** Cancelled, it leaves what has been read so far. @throws EngineFailure when the engine breaks. */
export async function readAhead(
  prompt: Prompt,
  { model, tokenizer }: { readonly model: LanguageModel; readonly tokenizer: Tokenizer },
  cancellation: Cancellation,
): Promise<ReadAhead | undefined> {
  const tokens = encodePrompt(prompt, tokenizer);
  if (!tokens || tokens.length === 0 || tokens.length >= model.maxTokens) return undefined;
  try {
    using session = await model.open(tokens, cancellation);
    return session.reading;
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return undefined;
  }
}
