/**
 * Where, in text written at a cursor, the statement is complete that it belongs to, and the block closed around it.
 *
 * By an ordinary incremental parse of everything before, the text, and everything after: meant to be asked while
 * decoding, whenever a line or a bracket has ended.
 */
import type { Node } from './grammar-runtime.js';
import { parseInserted, parseText, type ParsedText } from './parsed-text.js';
import type { SyntaxLanguage } from './syntax-language.js';

/** Offsets in the written text; undefined while not known to be complete. */
export interface Completed {
  /** Where the first statement that the text writes to is complete. */
  readonly statement: number | undefined;
  /** Whether some statement is complete just where the text ends, trailing blanks aside. */
  readonly last: boolean;
  /** Where the block that was open at the cursor is closed by the text itself. */
  readonly block: number | undefined;
}

/** Holds a tree; its owner disposes of it. */
export interface StatementWatch extends Disposable {
  completedIn(draft: string): Completed;
}

export function watchStatements(language: SyntaxLanguage, before: string, after: string): StatementWatch {
  const around = parseText(language, before + after);
  return {
    completedIn(draft) {
      using parsed = parseInserted(around, before.length, draft);
      return completedBetween(parsed, before.length, before.length + draft.length);
    },
    [Symbol.dispose]() {
      around[Symbol.dispose]();
    },
  };
}

/** The same for one text, without keeping a tree. */
export function statementEnd(
  language: SyntaxLanguage,
  before: string,
  draft: string,
  after: string,
): Completed {
  using watch = watchStatements(language, before, after);
  return watch.completedIn(draft);
}

/** Nodes whose named children are statements, declarations or members. */
const CONTAINER =
  /^(program|module|source_file|document|translation_unit|compilation_unit|script_file|stylesheet|block|.*_block|statement_block|class_body|.*_body|body_statement|suite|compound_statement|declaration_list|field_declaration_list|statement_list|switch_body|do_group|object|array)$/;
/** Statements that a further keyword may carry on. */
const MAY_GO_ON = /^(if|try|do|begin)(_|$)|else_clause|elif/;

function completedBetween({ tree, text, language }: ParsedText, start: number, end: number): Completed {
  const written = text.slice(start, end);
  const blanks = written.length - written.trimStart().length;
  if (blanks === written.length) return { statement: undefined, last: false, block: undefined };
  const { rootNode } = tree;
  const statement = statementAt(rootNode, start + blanks, end);
  const lastUnit = start + written.trimEnd().length - 1;
  const last = statementAt(rootNode, lastUnit, end);
  return {
    statement: statement && isComplete(statement, text, end) ? statement.endIndex - start : undefined,
    last: last?.endIndex === lastUnit + 1 && isComplete(last, text, end),
    block: (language.name === 'python' ? dedentedAt : closedBlock)(rootNode, text, start, end),
  };
}

/** The innermost statement that holds the first thing written, a comment passed over. */
function statementAt(root: Node, first: number, end: number): Node | undefined {
  let node: Node | null = root.descendantForIndex(first, first);
  while (node && !(node.parent && CONTAINER.test(node.parent.type) && node.isNamed && !isToken(node))) {
    node = node.parent;
  }
  while (node?.isExtra) node = node.nextNamedSibling;
  return node && node.startIndex < end && node.type !== 'ERROR' ? node : undefined;
}

/** A lone bracket or word inside a container is no statement. */
function isToken(node: Node): boolean {
  return node.childCount === 0 && !node.isNamed;
}

function isComplete(statement: Node, text: string, end: number): boolean {
  if (end < statement.endIndex || statement.hasError) return false;
  const rest = text.slice(statement.endIndex, end);
  if (MAY_GO_ON.test(statement.type)) return /^[ \t;]*\r?\n/.test(rest) || rest.trim() !== '';
  const last = text[statement.endIndex - 1];
  return last === ';' || last === '}' || /^[ \t]*([,;]|\r?\n)/.test(rest) || rest.trim() !== '';
}

/** The end of the innermost container that was open at `start`, when the text closes it. */
function closedBlock(root: Node, text: string, start: number, end: number): number | undefined {
  for (
    let node: Node | null = root.descendantForIndex(Math.max(0, start - 1), start);
    node;
    node = node.parent
  ) {
    if (!node.parent || start <= node.startIndex || !CONTAINER.test(node.type)) continue;
    if (end < node.endIndex || node.endIndex <= start || node.hasError) return undefined;
    const closed = text[node.endIndex - 1] === '}' || text.slice(0, node.endIndex).endsWith('end');
    return closed ? node.endIndex - start : undefined;
  }
  return undefined;
}

/** Without closers, as in Python, a block ends before the first written line that is indented less than it. */
function dedentedAt(root: Node, text: string, start: number, end: number): number | undefined {
  const lines = text.slice(0, start).split('\n');
  const current = lines.at(-1)!;
  const opener = lines.findLast((line) => line.trim() !== '') ?? '';
  const opensHere = opener.trimEnd().endsWith(':');
  // The block's own indentation, or, before it has any, one more than its opener's.
  const least = opensHere ? indentation(opener) + 1 : indentation(current.trim() === '' ? current : opener);
  for (
    let line = text.indexOf('\n', start) + 1;
    0 < line && line < end;
    line = text.indexOf('\n', line) + 1
  ) {
    const content = /^[ \t]*\S/.exec(text.slice(line, end));
    if (!content || least <= content[0].length - 1) continue;
    const leaf = root.descendantForIndex(line, line);
    if (!leaf?.type.startsWith('string')) return text.slice(start, line).trimEnd().length;
  }
  return undefined;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
