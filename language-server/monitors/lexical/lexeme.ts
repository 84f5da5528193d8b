/** Lexemes and brackets: what a lexical state remembers of the text behind it. */

export interface Lexeme {
  /** `string`: a whole string, regular expression or JSX element. */
  readonly kind: 'word' | 'number' | 'sign' | 'string';
  /** Strings: only the quote. */
  readonly text: string;
  /** Nothing but blanks before it on its line. */
  readonly startsLine: boolean;
  /** Blanks or a comment stand before it. */
  readonly spaced: boolean;
  /** Characters before it in the text. */
  readonly from: number;
  readonly previous: Lexeme | undefined;
  /** Closing brackets: what opened them. */
  readonly opener?: Lexeme;
  /** How many lexemes stand before it in the text. */
  readonly ordinal: number;
}

/** A bracket that is open. */
export interface Bracket {
  /** `(`, `[`, `{`; `<` an open JSX tag; `<>` a JSX element whose children are being written. */
  readonly sign: '(' | '[' | '{' | '<' | '<>';
  readonly opener: Lexeme;
  readonly outer: Bracket | undefined;
  /** Code inside a string: the string that goes on when it is closed. */
  readonly resumes?: OpenString;
}

export interface OpenString {
  /** What closes it. */
  readonly quote: string;
  /** What opens code inside: `${`, `{`, or nothing. */
  readonly interpolation: string;
  /** Nothing has been written in it yet. */
  readonly isEmpty: boolean;
  /** Characters of the text before its opening quote. */
  readonly from: number;
}

export const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Words after which an expression begins, so that they do not end one. */
const beginners =
  /^(?:return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|yield|await|default|extends|and|or|not|is|if|elif|while|lambda|assert|raise|print|export)$/;

function isDereferenced(word: Lexeme): boolean {
  return word.previous?.text === '.' || word.previous?.text === '?.';
}

/** Whether an expression may end with this lexeme: then `/` divides, and `<` compares. */
export function endsExpression(lexeme: Lexeme | undefined): boolean {
  if (!lexeme) return false;
  switch (lexeme.kind) {
    case 'word':
      return !beginners.test(lexeme.text) || isDereferenced(lexeme);
    case 'number':
    case 'string':
      return true;
    case 'sign':
      return /^(?:[)\]}]|\+\+|--)$/.test(lexeme.text);
  }
}
