/** Takes over a checkpoint's `tokenizer.json`, made to spell exactly the text that it is given. */
import { z } from 'zod';
import { parsedJson } from './checkpoint-config.js';
import { shown } from './shown.js';
import { endsOfText, isMarkup } from './markup.js';
import { ConversionError, type SourceVocabulary } from './model-source.js';

const part = z.looseObject({ type: z.string() });
const schema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean() }))
    .default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
  model: z.looseObject({
    type: z.string().default('BPE'),
    vocab: z.unknown().optional(),
    byte_fallback: z.boolean().optional(),
  }),
});
type TokenizerJson = z.infer<typeof schema>;

/** What `tokenizer_config.json` and `config.json` say beside it. */
export interface BesideTokenizer {
  readonly vocabulary: number;
  readonly endOfText: readonly number[];
  readonly beginsText?: boolean;
  /** Text of the token that begins a text. */
  readonly begin?: string;
}

/** @throws ConversionError for a kind of tokenizer that cannot be taken over, by its name. */
export function takeTokenizer(text: string, beside: BesideTokenizer): SourceVocabulary {
  const parsed = schema.safeParse(parsedJson(text, 'tokenizer.json'));
  if (!parsed.success)
    throw new ConversionError(`tokenizer.json is not understood: ${firstIssue(parsed.error)}.`);
  const json = parsed.data;
  const { model } = json;
  if (model.type !== 'BPE') {
    throw new ConversionError(
      `tokenizer.json is a ${named(model.type)} tokenizer; BPE, byte-level or SentencePiece's, can be converted.`,
    );
  }
  const vocab = z.record(z.string(), z.int().nonnegative()).safeParse(model.vocab);
  if (!vocab.success) throw new ConversionError('tokenizer.json has no vocabulary of texts and ids.');
  const added = json.added_tokens.map((token) => ({
    ...token,
    special: token.special || isMarkup(token.content),
  }));
  const tokens = tokensOf(vocab.data, added, beside.vocabulary);
  const control = new Set(added.filter(({ special }) => special).map(({ id }) => id));
  const begin = beginOf(json, beside, added);
  const pieces = model.byte_fallback === true ? sentencePiece(json) : byteLevel(json);
  return {
    kind: 'json',
    text: JSON.stringify({ ...json, ...pieces, added_tokens: added, post_processor: null }),
    tokens,
    controlTokens: [...control].sort((a, b) => a - b),
    endOfText: endsOfText(tokens, control, [...beside.endOfText]),
    ...(begin !== undefined && { begin }),
  };
}

/** Normal forms would change the text; all else that normalizers do is unknown here. */
function byteLevel(json: TokenizerJson): object {
  const steps = stepsOf(json.normalizer, 'normalizers');
  const strange = steps.find((step) => step.type !== 'NFC');
  if (strange)
    throw new ConversionError(
      `tokenizer.json changes text by ${named(strange.type)}, which cannot be undone.`,
    );
  const cuts = stepsOf(json.pre_tokenizer, 'pretokenizers');
  const spelling = cuts.find((cut) => cut.type === 'ByteLevel');
  if (!spelling) {
    throw new ConversionError(
      `tokenizer.json cuts text by ${
        cuts
          .map(({ type }) => named(type))
          .join(', ')
          .slice(0, 400) || 'nothing'
      } and spells no bytes; byte-level BPE and SentencePiece's can be converted.`,
    );
  }
  const kept = cuts.map((cut) => (cut === spelling ? { ...cut, add_prefix_space: false } : cut));
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: kept },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  };
}

/** Spaces become U+2581, and no space is put ahead of the text. */
function sentencePiece(json: TokenizerJson): object {
  const known = new Set(['Prepend', 'Replace', 'Metaspace']);
  const steps = [...stepsOf(json.normalizer, 'normalizers'), ...stepsOf(json.pre_tokenizer, 'pretokenizers')];
  const strange = steps.find((step) => !known.has(step.type));
  if (strange)
    throw new ConversionError(
      `tokenizer.json changes or cuts text by ${named(strange.type)}, which cannot be converted.`,
    );
  return {
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
  };
}

/** One step, or those of a sequence. */
function stepsOf(value: unknown, key: string): readonly z.infer<typeof part>[] {
  if (value === null || value === undefined) return [];
  const step = part.safeParse(value);
  if (step.success && step.data.type !== 'Sequence') return [step.data];
  const steps = z.array(part).safeParse(step.data?.[key]);
  if (steps.success) return steps.data;
  throw new ConversionError(`tokenizer.json has ${key} that are not understood.`);
}

/** Texts by id; ids that nothing spells have none. */
function tokensOf(
  vocab: Readonly<Record<string, number>>,
  added: readonly { readonly id: number; readonly content: string }[],
  size: number,
): readonly string[] {
  const tokens = Array.from({ length: size }, () => '');
  for (const [token, id] of [
    ...Object.entries(vocab),
    ...added.map(({ content, id }) => [content, id] as const),
  ]) {
    if (id >= size)
      throw new ConversionError(`tokenizer.json has the id ${id}, but the model only ${size} tokens.`);
    tokens[id] = token;
  }
  return tokens;
}

function beginOf(
  json: TokenizerJson,
  { beginsText, begin }: BesideTokenizer,
  added: readonly { readonly id: number; readonly content: string }[],
): number | undefined {
  const idOf = (content: string | undefined): number | undefined =>
    added.find((token) => token.content === content)?.id;
  if (beginsText !== undefined) return beginsText ? idOf(begin) : undefined;
  const template = stepsOf(json.post_processor, 'processors').find(
    (step) => step.type === 'TemplateProcessing',
  );
  const single = z
    .array(z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() }))
    .safeParse(template?.single);
  return single.success ? idOf(single.data[0]?.SpecialToken?.id) : undefined;
}

/** A word of the file: bare if it is one, else quoted and cut. */
function named(type: string): string {
  return /^\w{1,40}$/.test(type) ? type : shown(type);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  return `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
}
