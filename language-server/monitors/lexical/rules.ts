/** How each language spells comments, strings and words: all that lexical states need to know of it. */

export interface LexicalRules {
  readonly lineComments: readonly string[];
  readonly blockComment?: readonly [open: string, close: string];
  /** Characters that begin and end a string; those in `long` may come three in a row. */
  readonly quotes: string;
  readonly long: string;
  /** Quotes whose strings go on over line ends. */
  readonly multiline: string;
  /** Characters of words besides letters, digits, `_` and all beyond ASCII. */
  readonly wordSigns: string;
  /** What opens code inside a string: `${` in templates of JavaScript. */
  readonly interpolation?: { readonly quote: string; readonly open: string };
  /** Words that, put before a quote, open a string; with `f` in them, `{` opens code inside. */
  readonly prefixes?: RegExp;
  /** `/…/` where an expression may begin. */
  readonly regex: boolean;
  /** `<Tag …>` where an expression may begin. */
  readonly jsx: boolean;
  /** `'a` is a lifetime, `'a'` a character. */
  readonly lifetimes: boolean;
  /** Whether a line end outside brackets ends a statement. */
  readonly lines: boolean;
}

const cLike: LexicalRules = {
  lineComments: ['//'],
  blockComment: ['/*', '*/'],
  quotes: `"'`,
  long: '',
  multiline: '',
  wordSigns: '',
  regex: false,
  jsx: false,
  lifetimes: false,
  lines: false,
};

const javascript: LexicalRules = {
  ...cLike,
  quotes: `"'\``,
  multiline: '`',
  wordSigns: '$#',
  interpolation: { quote: '`', open: '${' },
  regex: true,
};

const python: LexicalRules = {
  ...cLike,
  lineComments: ['#'],
  quotes: `"'`,
  long: `"'`,
  prefixes: /^(?:[rbu]|f|rb|br|fr|rf|t|tr|rt)$/i,
  lines: true,
};

/** Without comment signs of its own: those of JSON with comments do no harm. */
const json: LexicalRules = { ...cLike, quotes: '"' };

/** By the language id that editors use; others have no monitors. */
export const lexicalRules: Readonly<Record<string, LexicalRules>> = {
  typescript: javascript,
  typescriptreact: { ...javascript, jsx: true },
  javascript: { ...javascript, jsx: true },
  javascriptreact: { ...javascript, jsx: true },
  python,
  json,
  jsonc: json,
  go: { ...cLike, quotes: `"'\``, multiline: '`' },
  rust: { ...cLike, multiline: '"', lifetimes: true },
  c: cLike,
  cpp: cLike,
  java: { ...cLike, long: '"' },
  csharp: { ...cLike, long: '"' },
  php: { ...cLike, lineComments: ['//', '#'], multiline: `"'`, wordSigns: '$' },
};
