/** How a language writes a comment of one line. */

const byLanguage: Readonly<Record<string, readonly [open: string, close: string]>> = {
  python: ['# ', ''],
  ruby: ['# ', ''],
  shellscript: ['# ', ''],
  powershell: ['# ', ''],
  perl: ['# ', ''],
  r: ['# ', ''],
  julia: ['# ', ''],
  yaml: ['# ', ''],
  toml: ['# ', ''],
  makefile: ['# ', ''],
  dockerfile: ['# ', ''],
  elixir: ['# ', ''],
  lua: ['-- ', ''],
  sql: ['-- ', ''],
  haskell: ['-- ', ''],
  html: ['<!-- ', ' -->'],
  xml: ['<!-- ', ' -->'],
  markdown: ['<!-- ', ' -->'],
  vue: ['<!-- ', ' -->'],
  svelte: ['<!-- ', ' -->'],
  css: ['/* ', ' */'],
};

/** The text as comments of a language, one a line; `//` where nothing else is known. */
export function asComment(text: string, languageId: string): string {
  const [open, close] = byLanguage[languageId] ?? ['// ', ''];
  return text
    .split('\n')
    .map((line) => (open + line).trimEnd() + close)
    .join('\n');
}
