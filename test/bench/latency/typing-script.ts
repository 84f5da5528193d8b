/** What a person types, as edits with pauses: part of a real file is taken out and written again. */
import type { CorpusFile } from '../corpus.js';
import { integerBelow, randomFor, type Random } from '../random.js';

/**
 * `key`: one character. `enter`: a line break with the indentation of the next line. `paste`: several lines at once.
 * `above`: a change many lines above the place of writing; `back`: the first key after returning from there.
 */
export type EditKind = 'key' | 'enter' | 'paste' | 'above' | 'back';

export interface Edit {
  readonly kind: EditKind;
  /** Where text is put in, and where the cursor stands afterwards. */
  readonly at: number;
  readonly text: string;
  readonly cursor: number;
  /** Milliseconds until the next edit. */
  readonly pause: number;
}

export interface TypingScript {
  readonly id: string;
  readonly file: CorpusFile;
  /** The file without what will be typed. */
  readonly start: string;
  readonly edits: readonly Edit[];
}

/** Characters beyond which a file does not fit the prompt's window, whatever the language. */
export const LONG_FILE = 24_000;

const LINES_TYPED = 4;
const LINES_PASTED = 3;
/** Longer lines are typed from here on only, so that each script is a few seconds. */
const LONGEST_TYPED = 40;
const LINES_ABOVE = 25;
/** Two keys are this far apart: a fast typist's median, with the spread of real typing. */
const KEY_MS = [90, 240] as const;
/** A look at the line just finished. */
const LINE_MS = 500;

/** One script of a file, or undefined when it has no run of lines worth typing. */
export function typingScript(file: CorpusFile, seed: number): TypingScript | undefined {
  const random = randomFor(seed, `typing ${file.path}`);
  const lines = file.text.replaceAll('\r\n', '\n').split('\n');
  const needed = LINES_TYPED + LINES_PASTED;
  const firsts = lines.flatMap((_, line) =>
    line >= 5 && worthTyping(lines.slice(line, line + needed)) ? [line] : [],
  );
  const first = firsts[integerBelow(firsts.length, random)];
  if (first === undefined) return undefined;
  const head = `${lines.slice(0, first).join('\n')}\n`;
  const tail = `\n${lines.slice(first + needed).join('\n')}`;
  const writer = new Writer(head, tail, random);
  const typed = lines.slice(first, first + LINES_TYPED);
  typed.slice(0, 2).forEach((line, index) => {
    writer.line(line, typed[index + 1]);
  });
  const pasted = lines.slice(first + LINES_TYPED, first + needed);
  writer.paste(`${pasted.map((line) => line.trimStart()).join('\n')}\n${indentOf(typed[2]!)}`);
  writer.line(typed[2]!, typed[3]);
  writer.above();
  writer.line(typed[3]!, undefined);
  return { id: file.path, file, start: head + indentOf(typed[0]!) + tail, edits: writer.edits };
}

/** Long files and others by turns, `most` in all. */
export function typingScripts(
  files: readonly CorpusFile[],
  most: number,
  seed: number,
): readonly TypingScript[] {
  const scripts = (chosen: readonly CorpusFile[]): readonly TypingScript[] =>
    chosen.flatMap((file) => typingScript(file, seed) ?? []);
  const long = scripts(files.filter(({ text }) => text.length > LONG_FILE).slice(0, most));
  const usual = scripts(files.filter(({ text }) => text.length <= LONG_FILE).slice(0, 2 * most));
  const turns = usual.flatMap((script, index) => (long[index] ? [long[index], script] : [script]));
  return turns.slice(0, most);
}

/** Keeps the text as it grows, so that each edit knows its place. */
class Writer {
  readonly edits: Edit[] = [];
  private text: string;
  private cursor: number;
  private returned = false;

  constructor(
    head: string,
    tail: string,
    private readonly random: Random,
  ) {
    this.text = head + tail;
    this.cursor = head.length;
  }

  /** Types the rest of a line after its indentation, then Enter where a next line is to come. */
  line(line: string, next: string | undefined): void {
    if (this.edits.length === 0) this.startAfter(indentOf(line));
    const characters = Array.from(line.trimStart());
    const skipped = characters.slice(0, Math.max(0, characters.length - LONGEST_TYPED)).join('');
    if (skipped !== '') this.put('paste', skipped, this.keyMs());
    for (const character of characters.slice(-LONGEST_TYPED)) {
      this.put(this.returned ? 'back' : 'key', character, this.keyMs());
      this.returned = false;
    }
    this.pauseLonger();
    if (next !== undefined) this.put('enter', `\n${indentOf(next)}`, LINE_MS);
  }

  paste(text: string): void {
    this.put('paste', text, LINE_MS);
  }

  above(): void {
    const starts = [0];
    for (
      let at = this.text.indexOf('\n');
      at >= 0 && at < this.cursor;
      at = this.text.indexOf('\n', at + 1)
    ) {
      starts.push(at + 1);
    }
    const line = starts[Math.max(0, starts.length - 1 - LINES_ABOVE)]!;
    const back = this.cursor;
    this.cursor = line;
    this.put('above', '\n', LINE_MS);
    this.cursor = back + 1;
    this.returned = true;
  }

  /** The indentation of the first line is there already. */
  private startAfter(indent: string): void {
    this.text = this.text.slice(0, this.cursor) + indent + this.text.slice(this.cursor);
    this.cursor += indent.length;
  }

  private put(kind: EditKind, text: string, pause: number): void {
    const at = this.cursor;
    this.text = this.text.slice(0, at) + text + this.text.slice(at);
    this.cursor = at + text.length;
    this.edits.push({ kind, at, text, cursor: this.cursor, pause });
  }

  private pauseLonger(): void {
    const last = this.edits.pop();
    if (last) this.edits.push({ ...last, pause: LINE_MS });
  }

  private keyMs(): number {
    const [least, most] = KEY_MS;
    return least + integerBelow(most - least, this.random);
  }
}

function worthTyping(lines: readonly string[]): boolean {
  const code = lines.filter(
    (line) => /[\p{L}\p{N}]/u.test(line) && !/^\s*(\/\/|\/\*|\*|#|"""|''')/.test(line),
  );
  return (
    lines.length === LINES_TYPED + LINES_PASTED &&
    code.length >= lines.length - 1 &&
    lines[0]!.trim().length > 5
  );
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}
