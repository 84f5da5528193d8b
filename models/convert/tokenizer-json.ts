/** Rebuilds a `tokenizer.json`, the format of Hugging Face's tokenizers, from a byte-level BPE vocabulary. */
import { ConversionError, type SourceVocabulary } from './model-source.js';

/** The text of `tokenizer.json`; `@huggingface/tokenizers` gives the same ids with it as llama.cpp with the GGUF. */
export function tokenizerJson(vocabulary: SourceVocabulary): string {
  const { tokens, merges, controlTokens } = vocabulary;
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: controlTokens.map((id) => ({
      id,
      content: tokens[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: preTokenizers(vocabulary.preTokenizer) },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  });
}

/** How text is cut into the pieces within which tokens merge, by the names that llama.cpp gives. */
function preTokenizers(name: string): object[] {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  switch (name) {
    case 'gpt-2':
      return [byteLevel];
    case 'smollm':
    case 'starcoder':
      // Each digit stands alone; then GPT-2's own rule, which ByteLevel applies.
      return [
        { type: 'Split', pattern: { Regex: '\\p{N}' }, behavior: 'Isolated', invert: false },
        byteLevel,
      ];
    default:
      throw new ConversionError(
        `The tokenizer cuts text in the way "${name}", which the converter does not know.`,
      );
  }
}
