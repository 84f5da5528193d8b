/** The vocabulary of a GGUF file: byte-level BPE ("gpt2") or SentencePiece's ("llama"). */
import { shown } from './shown.js';
import { number, numbers, text, texts, type Metadata } from './gguf-metadata.js';
import { endsOfText, isMarkup } from './markup.js';
import { ConversionError, type SourceVocabulary } from './model-source.js';
import { isKnownPreTokenizer } from './pre-tokenizers.js';

/** GGUF's types of tokens. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

/** @throws ConversionError for a kind of tokenizer that the converter cannot rebuild. */
export function vocabularyOf(metadata: Metadata): SourceVocabulary {
  const kind = text(metadata, 'tokenizer.ggml.model');
  if (kind !== 'gpt2' && kind !== 'llama') {
    throw new ConversionError(
      `The GGUF file has a tokenizer of the kind ${shown(kind ?? '(none)')}; "gpt2" (byte-level BPE) and "llama" (SentencePiece) can be converted.`,
    );
  }
  const tokens = texts(metadata, 'tokenizer.ggml.tokens');
  if (tokens === undefined || tokens.length === 0)
    throw new ConversionError('The GGUF file has no list of tokens (tokenizer.ggml.tokens).');
  const types = numbers(metadata, 'tokenizer.ggml.token_type') ?? [];
  const named = (key: string): number | undefined => {
    const id = number(metadata, `tokenizer.ggml.${key}_token_id`);
    return id !== undefined && Number.isInteger(id) && 0 <= id && id < tokens.length ? id : undefined;
  };
  const fillInTheMiddle = [
    named('fim_pre') ?? named('prefix'),
    named('fim_suf') ?? named('suffix'),
    named('fim_mid') ?? named('middle'),
  ];
  const control = new Set<number>();
  const added: number[] = [];
  tokens.forEach((token, id) => {
    const type = types[id];
    if (type === CONTROL || type === UNUSED || isMarkup(token)) control.add(id);
    else if (type === USER_DEFINED) added.push(id);
  });
  for (const id of fillInTheMiddle) if (id !== undefined) control.add(id);
  const beginsText = metadata['tokenizer.ggml.add_bos_token'] ?? kind === 'llama';
  const begin = beginsText === true ? named('bos') : undefined;
  const [prefix, suffix, middle] = fillInTheMiddle;
  const shared = {
    tokens,
    controlTokens: [...control].sort((a, b) => a - b),
    endOfText: endsOfText(tokens, control, [named('eos'), named('eot'), named('eom')]),
    ...(begin !== undefined && { begin }),
    ...(prefix !== undefined &&
      suffix !== undefined &&
      middle !== undefined && { fillInTheMiddle: [prefix, suffix, middle] as const }),
    ...(text(metadata, 'candor.infilling_order') === 'suffix-first' && { suffixFirst: true }),
  };
  if (kind === 'llama') {
    const scores = numbers(metadata, 'tokenizer.ggml.scores');
    if (scores?.length !== tokens.length)
      throw new ConversionError('The SentencePiece tokenizer of the GGUF file has no score for each token.');
    return { kind: 'sentencepiece', scores, ...shared };
  }
  const merges = texts(metadata, 'tokenizer.ggml.merges');
  if (merges === undefined) throw new ConversionError('The GGUF file has no merges (tokenizer.ggml.merges).');
  const preTokenizer = text(metadata, 'tokenizer.ggml.pre') ?? 'default';
  if (!isKnownPreTokenizer(preTokenizer)) {
    throw new ConversionError(
      `The tokenizer cuts text in the way ${shown(preTokenizer)}, which the converter does not know.`,
    );
  }
  return { kind: 'byte-level', merges, preTokenizer, addedTokens: added, ...shared };
}
