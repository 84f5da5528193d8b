/**
 * How text is cut into the pieces within which tokens merge, by the names that llama.cpp gives to the cuts of
 * published byte-level BPE tokenizers. Each is the `pre_tokenizer` of the models' own tokenizer.json.
 */

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
/** Spells bytes as characters, and cuts nothing more. */
const spellBytes = { ...byteLevel, use_regex: false };

const split = (regex: string, behavior = 'Isolated'): object => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior,
  invert: false,
});

/** GPT-4's way, in which the number of digits that stay together differs. */
const gpt4 = (digits: string): readonly object[] => [
  split(
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  ),
  spellBytes,
];

/** Each digit stands alone; then GPT-2's own rule, which ByteLevel applies. */
const digitsThenGpt2 = [split('\\p{N}'), byteLevel];

const deepseekCoder = [
  split('[\r\n]'),
  split('\\s?\\p{L}+'),
  split('\\s?\\p{P}+'),
  split('[一-龥ࠀ-一가-퟿]+'),
  { type: 'Digits', individual_digits: true },
  spellBytes,
];

const deepseek3 = [
  split('\\p{N}{1,3}'),
  split('[一-龥\u3040-ゟ゠-ヿ]+'),
  split(
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
  ),
  spellBytes,
];

const CUTS: Readonly<Record<string, readonly object[]>> = {
  'gpt-2': [byteLevel],
  phi2: [byteLevel],
  smollm: digitsThenGpt2,
  starcoder: digitsThenGpt2,
  refact: digitsThenGpt2,
  'command-r': digitsThenGpt2,
  codeshell: digitsThenGpt2,
  qwen2: gpt4('\\p{N}'),
  'deepseek-r1-qwen': gpt4('\\p{N}'),
  stablelm2: gpt4('\\p{N}'),
  megrez: gpt4('\\p{N}'),
  'llama-bpe': gpt4('\\p{N}{1,3}'),
  llama3: gpt4('\\p{N}{1,3}'),
  'llama-v3': gpt4('\\p{N}{1,3}'),
  dbrx: gpt4('\\p{N}{1,3}'),
  smaug: gpt4('\\p{N}{1,3}'),
  'deepseek-coder': deepseekCoder,
  'deepseek-v3': deepseek3,
};

export function isKnownPreTokenizer(name: string): boolean {
  return Object.hasOwn(CUTS, name);
}

export function preTokenizers(name: string): readonly object[] | undefined {
  return Object.hasOwn(CUTS, name) ? CUTS[name] : undefined;
}
