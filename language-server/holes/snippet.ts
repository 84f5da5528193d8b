/**
 * Partial programs in the editor's own notation: tab stops with placeholders, choices and mirrors.
 *
 * The grammar is that of LSP 3.18, "Snippet Syntax". Everywhere `\`, `$` and `}` are escaped by `\`; inside a choice
 * instead `\`, `,` and `|` are, and `$` and `}` stand for themselves.
 */
import { piecesOf, type PartialProgram } from './partial-program.js';

/** One piece of a snippet, unescaped. */
export type SnippetPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'placeholder'; readonly stop: number; readonly text: string }
  | { readonly kind: 'choice'; readonly stop: number; readonly texts: readonly string[] }
  /** A bare `$n`: a mirror, or the place where the cursor stands in the end (`$0`). */
  | { readonly kind: 'stop'; readonly stop: number };

/**
 * A partial program as a snippet. Stops count from 1 in the order of the text; the last is `$0`, at the end.
 * `choices` holds, for each hole, further texts the model would stand by: with any, the hole becomes a choice whose
 * first entry is the placeholder.
 */
export function snippetOf(
  program: PartialProgram,
  placeholders: readonly string[],
  choices: readonly (readonly string[])[] = [],
): string {
  const named = new Set<number>();
  const parts = piecesOf(program).map((piece): SnippetPart => {
    if (piece.kind === 'text') return { kind: 'text', text: program.text.slice(piece.start, piece.end) };
    const stop = piece.hole + 1;
    if (named.has(stop)) return { kind: 'stop', stop };
    named.add(stop);
    const text = placeholders[piece.hole]!;
    const others = choices[piece.hole] ?? [];
    if (others.length === 0) return { kind: 'placeholder', stop, text };
    return { kind: 'choice', stop, texts: [text, ...others] };
  });
  return renderSnippet([...parts, { kind: 'stop', stop: 0 }]);
}

export function renderSnippet(parts: readonly SnippetPart[]): string {
  return parts.map(render).join('');
}

/** What the editor shows before anything is filled in. */
export function plainText(parts: readonly SnippetPart[]): string {
  const said = new Map<number, string>();
  for (const part of parts) {
    if (part.kind === 'placeholder') said.set(part.stop, part.text);
    if (part.kind === 'choice') said.set(part.stop, part.texts[0] ?? '');
  }
  return parts.map((part) => (part.kind === 'text' ? part.text : (said.get(part.stop) ?? ''))).join('');
}

function render(part: SnippetPart): string {
  switch (part.kind) {
    case 'text':
      return escaped(part.text);
    case 'placeholder':
      return `\${${part.stop}:${escaped(part.text)}}`;
    case 'choice':
      return `\${${part.stop}|${part.texts.map(escapedInChoice).join(',')}|}`;
    case 'stop':
      // Braces keep the number apart from a digit that follows.
      return `\${${part.stop}}`;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\$}]/g, (unit) => `\\${unit}`);
}

function escapedInChoice(text: string): string {
  return text.replaceAll(/[\\,|]/g, (unit) => `\\${unit}`);
}
