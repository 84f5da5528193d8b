/** What kind of place a cursor is at: prose or code, inside a call, at the start of an empty block. */
import { languages } from './languages.js';
import type { Node } from './grammar-runtime.js';
import { openBracket } from './open-brackets.js';
import type { ParsedText } from './parsed-text.js';

export interface CursorPlace {
  /** `string` and `template` are their insides; what stands in a template's `${…}` is code. */
  readonly kind: 'code' | 'comment' | 'string' | 'template';
  /** Nothing but blanks on the cursor's line, on either side. */
  readonly lineEmpty: boolean;
  /** Nothing but blanks after the cursor on its line. */
  readonly lineEnds: boolean;
  /** After the cursor its line holds only brackets, quotes and separators: what an editor closes by itself. */
  readonly onlyClosersFollow: boolean;
  /** A block has just been opened and holds nothing yet: more than one line makes sense here. */
  readonly blockStart: boolean;
  /** Between the brackets of a call. */
  readonly insideCall: boolean;
  /** The innermost bracket that is open at the cursor. */
  readonly enclosing: '(' | '[' | '{' | undefined;
}

/** @param parsed the whole text, before and after the cursor. */
export function placeAt(parsed: ParsedText, offset: number): CursorPlace {
  const { text } = parsed;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const left = text.slice(lineStart, offset);
  const right = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  const kind = kindAt(parsed, offset);
  const open = openBracket(parsed, offset);
  const lineEnds = right.trim() === '';
  return {
    kind,
    lineEmpty: lineEnds && left.trim() === '',
    lineEnds,
    onlyClosersFollow: /^[\s)\]}>"'`;,:]*$/.test(right),
    blockStart: kind === 'code' && isBlockStart(parsed, offset),
    insideCall: kind === 'code' && open?.bracket === '(' && isCallee(open.leafBefore, open.node),
    enclosing: open?.bracket,
  };
}

function kindAt({ tree, text }: ParsedText, offset: number): CursorPlace['kind'] {
  if (offset === 0) return 'code';
  for (
    let node: Node | null = tree.rootNode.descendantForIndex(offset - 1, offset - 1);
    node;
    node = node.parent
  ) {
    const { type, startIndex, endIndex } = node;
    if (/interpolation|substitution/.test(type) && startIndex < offset && offset < endIndex) return 'code';
    if (type.includes('comment') && startIndex < offset) {
      const closed = /(\*\/|-->|#>|=end)$/.test(node.text);
      if (offset < endIndex || !closed)
        return text.slice(endIndex, offset).includes('\n') ? 'code' : 'comment';
    }
    // The pieces inside a string or template say nothing about which of the two it is.
    if (!/^string_(fragment|content)|^escape/.test(type) && startIndex < offset && offset < endIndex) {
      if (/^template_string|heredoc|here_string/.test(type)) return 'template';
      if (
        /^(string|raw_string|verbatim_string|interpolated_string|char|regex$)|string_literal|char_literal/.test(
          type,
        )
      ) {
        return 'string';
      }
    }
    if (type === 'ERROR' && isAfterLoneQuote(text, offset)) return 'string';
  }
  return 'code';
}

/** In text that does not parse: an odd number of one kind of quote stands before the cursor on its line. */
function isAfterLoneQuote(text: string, offset: number): boolean {
  let quote = '';
  for (let i = text.lastIndexOf('\n', offset - 1) + 1; i < offset; i++) {
    const unit = text[i]!;
    if (unit === '\\') i++;
    else if (quote === unit) quote = '';
    else if (quote === '' && (unit === '"' || unit === "'")) quote = unit;
  }
  return quote !== '';
}

function isCallee(leaf: Node | undefined, bracket: Node): boolean {
  if (!leaf) return false;
  const list = bracket.parent?.type ?? '';
  if (list.includes('parameter')) return false;
  if (list.includes('argument')) return true;
  const declared = leaf.previousSibling?.type ?? '';
  if (/^(def|function|fn|func|fun|class|sub)$/.test(declared)) return false;
  // An unnamed leaf of letters is a keyword: `if (` calls nothing.
  return leaf.isNamed || leaf.type === ')' || leaf.type === ']' || leaf.type === '>';
}

const BRACES = /\{$/;
/** How the text before an empty block ends, where that is not a brace. */
const OPENERS: Readonly<Record<string, RegExp>> = {
  python: /(?<!\blambda\b[^:\n]*|[{[(,][ \t]*["'\w]+):$/,
  ruby: /(\{|\bdo|\b(then|else|begin|ensure)|\b(do|\{)[ \t]*\|[^|\n]*\||(^|\n)[ \t]*(def|class|module|if|unless|while)\b[^\n]*)$/,
  bash: /(\{|\b(do|then|else)|\))$/,
};

function isBlockStart({ text, language }: ParsedText, offset: number): boolean {
  const right = text.slice(offset).split('\n', 1)[0]!;
  if (!/^[ \t\r]*[}\])]*[;,]?[ \t\r]*$/.test(right)) return false;
  const opened = withoutTrailingComments(text.slice(0, offset), language.name);
  const openerLine = opened.slice(opened.lastIndexOf('\n') + 1);
  if (!(OPENERS[language.name] ?? BRACES).test(opened)) return false;
  // Anything indented deeper that follows is the block's content: it is not empty.
  const next = /^[^\S\n]*(?:\n\s*)*?\n?([ \t]*)(\S)/.exec(text.slice(offset + right.length));
  if (!next || /^[}\])]/.test(next[2]!)) return true;
  return next[1]!.length <= /^[ \t]*/.exec(openerLine)![0].length;
}

function withoutTrailingComments(text: string, grammar: string): string {
  const marker = Object.values(languages).find((row) => row.grammar === grammar)?.lineComment;
  const lines = text.trimEnd().split('\n');
  while (marker !== undefined && lines.length > 1 && lines.at(-1)!.trimStart().startsWith(marker))
    lines.pop();
  return lines.join('\n').trimEnd();
}
