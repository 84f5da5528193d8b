/**
 * When two suggestions say the same: nobody wants to choose between two spellings of one thing.
 *
 * The form that is compared has no spacing and no comments, one kind of quote, no sign at its end, and neutral names for
 * what the suggestion itself defines. What remains is what it calls, with what, and under which keywords.
 */

/** A comment, a string, a name or number, or any other sign. Template strings are compared as they are. */
const LEXEME =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu;
/** Words after which a name is defined. */
const DEFINING = new Set([
  'const',
  'let',
  'var',
  'val',
  'def',
  'function',
  'fn',
  'func',
  'class',
  'for',
  'as',
]);
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** Equal for suggestions that say the same. */
export function meaningOf(text: string): string {
  const lexemes = [...text.matchAll(LEXEME)].map(([lexeme]) => lexeme).filter((one) => !isComment(one));
  while (/^[;,]$/.test(lexemes.at(-1) ?? '')) lexemes.pop();
  const defined = definedIn(lexemes);
  const neutral = (lexeme: string, at: number): string => {
    // A member or a key keeps its name, whatever is defined beside it.
    const index = lexemes[at - 1] === '.' ? -1 : defined.indexOf(lexeme);
    return index < 0 ? quoted(lexeme) : `<${index}>`;
  };
  return lexemes.map(neutral).join(' ');
}

/** Names that the lexemes define, in the order in which they do. */
function definedIn(lexemes: readonly string[]): readonly string[] {
  const names = lexemes.filter((lexeme, at) => {
    if (!NAME.test(lexeme)) return false;
    const isArrow = lexemes[at + 1] === '=' && lexemes[at + 2] === '>';
    return isArrow || (DEFINING.has(lexemes[at - 1] ?? '') && !DEFINING.has(lexeme));
  });
  return [...new Set(names)];
}

function isComment(lexeme: string): boolean {
  return lexeme.startsWith('//') || lexeme.startsWith('/*');
}

function quoted(lexeme: string): string {
  return lexeme.startsWith("'") ? `"${lexeme.slice(1, -1).replaceAll('"', '\\"')}"` : lexeme;
}
