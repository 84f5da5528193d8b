/** How a language writes comments. */

type Mark = readonly [open: string, close: string];

const block: Mark = ['/* ', ' */'];
const slashes: readonly Mark[] = [['// ', ''], block];
const hash: readonly Mark[] = [['# ', '']];
const dashes: readonly Mark[] = [['-- ', '']];
const tags: readonly Mark[] = [['<!-- ', ' -->']];

/** The usual one first. */
const byLanguage: Readonly<Record<string, readonly Mark[]>> = {
  python: hash,
  ruby: hash,
  shellscript: hash,
  powershell: [...hash, ['<# ', ' #>']],
  perl: hash,
  r: hash,
  julia: hash,
  yaml: hash,
  toml: hash,
  makefile: hash,
  dockerfile: hash,
  elixir: hash,
  php: [...slashes, ...hash],
  lua: dashes,
  sql: [...dashes, block],
  haskell: dashes,
  html: tags,
  xml: tags,
  markdown: tags,
  vue: [...tags, ...slashes],
  svelte: [...tags, ...slashes],
  css: [block],
};

/** Those of C where nothing else is known. */
function marksOf(languageId: string): readonly Mark[] {
  return byLanguage[languageId] ?? slashes;
}

/** The text as comments of a language, one a line. */
export function asComment(text: string, languageId: string): string {
  const [open, close] = marksOf(languageId)[0]!;
  return text
    .split('\n')
    .map((line) => (open + line).trimEnd() + close)
    .join('\n');
}

/** The signs that begin a comment of a language, without blanks. */
export function commentSigns(languageId: string): readonly string[] {
  return marksOf(languageId).map(([open]) => open.trim());
}
