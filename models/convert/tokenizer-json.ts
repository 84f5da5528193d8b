/** The bundle's `tokenizer.json`, the format of Hugging Face's tokenizers: rebuilt from a vocabulary, or taken over. */
import { ConversionError, type SourceVocabulary } from './model-source.js';
import { preTokenizers } from './pre-tokenizers.js';
import { mergesOf } from './sentencepiece-merges.js';

/** The text of `tokenizer.json`; `@huggingface/tokenizers` gives the same ids with it as llama.cpp with the GGUF. */
export function tokenizerJson(vocabulary: SourceVocabulary): string {
  if (vocabulary.kind === 'json') return vocabulary.text;
  const { tokens, controlTokens } = vocabulary;
  const control = new Set(controlTokens);
  const isPlain = vocabulary.kind === 'byte-level' ? (vocabulary.addedTokens ?? []) : [];
  const added = [...controlTokens, ...isPlain].sort((a, b) => a - b);
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((id) => ({
      id,
      content: tokens[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: control.has(id),
    })),
    ...(vocabulary.kind === 'byte-level' ? byteLevelParts(vocabulary) : sentencePieceParts(vocabulary)),
  });
}

function byteLevelParts({
  tokens,
  merges,
  preTokenizer,
}: Extract<SourceVocabulary, { kind: 'byte-level' }>): object {
  const cuts = preTokenizers(preTokenizer);
  if (cuts === undefined) {
    throw new ConversionError(
      `The tokenizer cuts text in the way "${preTokenizer}", which the converter does not know.`,
    );
  }
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: cuts },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      ...plainBpe,
      // Llama 3 takes a whole piece that is a token, whatever the merges would make of it.
      ...(preTokenizer.startsWith('llama') && { ignore_merges: true }),
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** No space is put ahead of the text: what tokens spell must be the text itself. */
function sentencePieceParts({
  tokens,
  scores,
  controlTokens,
}: Extract<SourceVocabulary, { kind: 'sentencepiece' }>): object {
  return {
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      ...plainBpe,
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, scores, new Set(controlTokens)),
    },
  };
}

const plainBpe = {
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
};
