/** Whether a model should be asked at all, judged without one. */
import type { Settings } from '../protocol.js';
import type { CompletionContext, Selected } from './completion-context.js';
import type { Document } from './document.js';
import { silence, type Silence } from './silence.js';

/** Files beyond this are generated more often than written, and each keystroke would copy them between threads. */
const MAX_FILE = 1_000_000;
/** Lines beyond this are minified or data. */
const MAX_LINE = 10_000;
/** Characters after the cursor on its line, blanks aside, beyond which a suggestion seldom fits (llama.vscode: 8). */
const MAX_TEXT_AFTER = 8;

const wordAtEnd = /[\p{L}\p{N}_$]$/u;
const wordAtStart = /^[\p{L}\p{N}_$]/u;
/** What editors close by themselves, and what follows it on a finished line. */
const onlyClosers = /^[\s)\]}>"'`;,:]*$/;

/** Why not to ask, or undefined when asking is worth it. */
export function worthAsking(context: CompletionContext, settings: Settings): Silence | undefined {
  return (
    switchedOff(context, settings) ??
    unfit(context) ??
    (context.mode === 'automatic' ? disturbing(context) : undefined)
  );
}

function switchedOff({ document, mode }: CompletionContext, settings: Settings): Silence | undefined {
  if (!settings.enable) return silence('off', 'Completions are switched off.');
  const language = document.languageId;
  if (!(settings.languages[language] ?? settings.languages['*'] ?? true)) {
    return silence('language-off', `Completions are switched off for ${language}.`);
  }
  if (mode === 'automatic' && settings.trigger === 'manual') {
    return silence('manual', 'Suggestions come only when asked for: the trigger is set to manual.');
  }
  return undefined;
}

function unfit({ document, selected, offset, ...context }: CompletionContext): Silence | undefined {
  if (MAX_FILE < document.text.length) {
    const size = (document.text.length / 1e6).toFixed(1);
    return silence('too-large', `The file has ${size} million characters; the limit is ${MAX_FILE / 1e6}.`);
  }
  const columns = context.linePrefix.length + context.lineSuffix.length;
  if (MAX_LINE < columns) {
    return silence('too-large', `The line has ${columns} columns; the limit is ${MAX_LINE}.`);
  }
  if (document.text.includes('\0'))
    return silence('binary', 'The file holds null characters: it is not text.');
  if (selected && (offset < selected.start || selected.end < offset || spansLines(document, selected))) {
    return silence('selection-mismatch', 'The highlighted entry of the suggest widget is for another place.');
  }
  return undefined;
}

function spansLines({ text }: Document, { start, end }: Selected): boolean {
  return /[\r\n]/.test(text.slice(start, end));
}

function disturbing({ before, after, linePrefix, lineSuffix }: CompletionContext): Silence | undefined {
  if (before.trim() === '') return silence('empty', 'Nothing stands before the cursor.');
  if (wordAtStart.test(after)) {
    const where = wordAtEnd.test(linePrefix) ? 'inside' : 'right before';
    return silence('mid-word', `The cursor stands ${where} a word.`);
  }
  const count = lineSuffix.replaceAll(/\s/g, '').length;
  if (MAX_TEXT_AFTER < count && !onlyClosers.test(lineSuffix)) {
    return silence('text-after', `${count} characters stand after the cursor on its line.`);
  }
  return undefined;
}
