/** Tokens that are markup and not code, by the spellings that code models use. */

/** Ahead of the text before the cursor, after it, and at it. */
export interface FillInTheMiddleTokens {
  readonly family: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
}

/** Families of spellings; the first whose tokens a vocabulary has is the model's. */
export const FILL_IN_THE_MIDDLE: readonly FillInTheMiddleTokens[] = [
  {
    family: 'StarCoder, Granite',
    prefix: '<fim_prefix>',
    suffix: '<fim_suffix>',
    middle: '<fim_middle>',
  },
  {
    family: 'Qwen',
    prefix: '<|fim_prefix|>',
    suffix: '<|fim_suffix|>',
    middle: '<|fim_middle|>',
  },
  { family: 'SantaCoder', prefix: '<fim-prefix>', suffix: '<fim-suffix>', middle: '<fim-middle>' },
  { family: 'CodeLlama', prefix: '▁<PRE>', suffix: '▁<SUF>', middle: '▁<MID>' },
  { family: 'CodeLlama', prefix: '<PRE>', suffix: '<SUF>', middle: '<MID>' },
  {
    family: 'DeepSeek',
    prefix: '<｜fim▁begin｜>',
    suffix: '<｜fim▁hole｜>',
    middle: '<｜fim▁end｜>',
  },
];

/** Tokens after which a text is over: of chat turns, of files in a repository, of what was filled in. */
const ENDS: ReadonlySet<string> = new Set([
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '</s>',
  '<EOT>',
  '▁<EOT>',
  '<｜end▁of▁sentence｜>',
  '<|EOT|>',
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
  '<|cursor|>',
]);

const FILL_TOKENS: ReadonlySet<string> = new Set(
  FILL_IN_THE_MIDDLE.flatMap(({ prefix, suffix, middle }) => [prefix, suffix, middle]),
);

/** Whether a token is markup by its spelling, whatever a file says of its type. */
export function isMarkup(token: string): boolean {
  return FILL_TOKENS.has(token) || (ENDS.has(token) && token !== '</s>') || /^<[|｜].*[|｜]>$/u.test(token);
}

/** Ids of those `control` tokens after which a text is over, and of those that the file itself names so. */
export function endsOfText(
  tokens: readonly string[],
  control: ReadonlySet<number>,
  named: readonly (number | undefined)[],
): readonly number[] {
  const ends = new Set(named.filter((id) => id !== undefined));
  for (const id of control) if (ENDS.has(tokens[id]!)) ends.add(id);
  return [...ends].sort((a, b) => a - b);
}
