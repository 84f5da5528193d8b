/** Reads snippets back, as far as we write them: the proof that escaping loses nothing. */
import type { SnippetPart } from './snippet.js';

/** The parts of a snippet, text unescaped; undefined for syntax that `renderSnippet` never writes. */
export function readSnippet(snippet: string): readonly SnippetPart[] | undefined {
  const parts: SnippetPart[] = [];
  let at = 0;
  while (at < snippet.length) {
    if (snippet[at] !== '$') {
      const { text, end } = unescaped(snippet, at, '$', '\\$}');
      parts.push({ kind: 'text', text });
      at = end;
      continue;
    }
    const opening = /^\$\{(\d+)([:|}])/.exec(snippet.slice(at));
    if (!opening) return undefined;
    const stop = Number(opening[1]);
    at += opening[0].length;
    if (opening[2] === '}') {
      parts.push({ kind: 'stop', stop });
      continue;
    }
    const read = opening[2] === ':' ? placeholder(snippet, at, stop) : choice(snippet, at, stop);
    if (!read) return undefined;
    parts.push(read.part);
    at = read.end;
  }
  return parts;
}

interface Read {
  readonly part: SnippetPart;
  readonly end: number;
}

function placeholder(snippet: string, at: number, stop: number): Read | undefined {
  const { text, end } = unescaped(snippet, at, '}$', '\\$}');
  return snippet[end] === '}' ? { part: { kind: 'placeholder', stop, text }, end: end + 1 } : undefined;
}

function choice(snippet: string, at: number, stop: number): Read | undefined {
  const texts: string[] = [];
  let next = at;
  for (;;) {
    const { text, end } = unescaped(snippet, next, ',|', '\\,|');
    texts.push(text);
    if (snippet[end] === undefined) return undefined;
    next = end + 1;
    if (snippet[end] === '|') break;
  }
  if (snippet[next] !== '}') return undefined;
  return { part: { kind: 'choice', stop, texts }, end: next + 1 };
}

/** Text up to the first unescaped unit of `ends`; a backslash before anything but `escapable` stands for itself. */
function unescaped(
  snippet: string,
  from: number,
  ends: string,
  escapable: string,
): { text: string; end: number } {
  let text = '';
  let at = from;
  while (at < snippet.length && !ends.includes(snippet[at]!)) {
    if (snippet[at] === '\\' && at + 1 < snippet.length && escapable.includes(snippet[at + 1]!)) at++;
    text += snippet[at]!;
    at++;
  }
  return { text, end: at };
}
