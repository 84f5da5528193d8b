/** Whether some continuation of a half-written last lexeme keeps a text alive. */
import type { Reached } from './reach.js';
import { reach } from './reach.js';
import type { SyntaxLanguage } from './syntax-language.js';
import { tail, type TextChain } from './text-chain.js';

/** What closedness is probed with: one of each kind of character that lexers tell apart. */
const PROBES = [
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  '\n',
  'aa',
  '00',
  '..',
  '==',
];
const MOST_CLOSED_LEXEMES = 20_000;
/** Text before the end in which earlier indentations are looked for. */
const INDENTATION_WINDOW = 4_000;
const MOST_INDENTATIONS = 6;

/** `reached` is what happened to `text` as a whole file; it died, but not for certain. */
export function stillAlive(language: SyntaxLanguage, text: TextChain, reached: Reached): boolean {
  return witnessFor(language, text, reached) !== undefined;
}

/** A text after which some stack has read all of `text`. */
export function witnessFor(language: SyntaxLanguage, text: TextChain, reached: Reached): string | undefined {
  if (isClosed(language, text, reached)) return undefined;
  const { grammar } = language;
  for (const witness of candidates(language, text, reached)) {
    grammar.buffer.show(text, witness);
    if (reach(grammar, reached.settled, text.length, Infinity).alive) return witness;
  }
  return undefined;
}

function* candidates(language: SyntaxLanguage, text: TextChain, { deaths }: Reached): Iterable<string> {
  const { witnesses, grammar } = language;
  const ending = tail(text, witnesses.longestLiteral);
  for (let begun = Math.min(witnesses.longestLiteral - 1, ending.length); 1 <= begun; begun--) {
    yield* witnesses.remainders.get(ending.slice(ending.length - begun)) ?? [];
  }
  yield* witnesses.general;
  const last = deaths.reduce((furthest, { position }) => Math.max(furthest, position), 0);
  if (tail(text, text.length - last).trim() !== '') return;
  const window = tail(text, INDENTATION_WINDOW);
  const indentations = earlierIndentations(window);
  for (const indentation of indentations) {
    yield `\n${indentation}a`;
    yield `\n    ${indentation}a`;
  }
  for (const death of deaths) {
    if (tail(text, text.length - death.position).trim() !== '') continue;
    const row = grammar.table.row(death.node.state);
    for (const [terminal, spelling] of witnesses.literals) {
      if (row[terminal] === 0) continue;
      yield spelling;
      for (const indentation of indentations) yield `\n${indentation}${spelling}`;
    }
  }
}

/** The distinct indentations of the lines before a text's last, blank line. */
function earlierIndentations(text: string): readonly string[] {
  const written = text.trimEnd();
  if (!text.includes('\n', written.length)) return [];
  const found = new Set<string>();
  const lines = written.split('\n');
  for (let i = lines.length - 1; 0 <= i && found.size < MOST_INDENTATIONS; i--) {
    const line = lines[i]!;
    const indentation = /^[ \t]*/.exec(line)![0];
    if (indentation.length < line.length) found.add(indentation);
  }
  return [...found];
}

/** Whether the last lexeme reads alike whatever follows, as `)` does: then nothing can save it. */
function isClosed(language: SyntaxLanguage, text: TextChain, reached: Reached): boolean {
  const { settled, openSteps, deaths } = reached;
  if (settled.length !== 1 || openSteps !== 1 || deaths.length !== 1) return false;
  const [head] = deaths;
  const lexeme = tail(text, text.length - head!.position).trimStart();
  if (lexeme === '' || 3 < lexeme.length || /[\p{L}\p{N}_$]/u.test(lexeme)) return false;

  const { grammar, closedLexemes } = language;
  const { table, lexer, buffer } = grammar;
  const { state } = head!.node;
  const key = `${table.lexState[state]} ${table.scannerState[state]} ${head!.scanner} ${lexeme}`;
  const known = closedLexemes.get(key);
  if (known !== undefined) return known;
  let terminal: number | undefined;
  const closed = PROBES.every((probe) => {
    buffer.show(text, probe);
    const found = lexer.lex(state, head!.position, head!.scanner);
    if (typeof found !== 'object' || found.end !== text.length) return false;
    terminal ??= found.terminal;
    return found.terminal === terminal;
  });
  if (MOST_CLOSED_LEXEMES < closedLexemes.size) closedLexemes.clear();
  closedLexemes.set(key, closed);
  return closed;
}
