/** What a filter is: the text of a draft in, the text that may be shown out, or the reason to show nothing. */
import type { CompletionContext } from '../completion-context.js';
import type { Silence } from '../silence.js';

/** Texts have `\n` as their only line end. */
export type Filter = (text: string, context: CompletionContext) => string | Silence;

/** Whether a line holds nothing but what closes brackets and tags, and the marks that follow them. */
export function isClosingLine(line: string): boolean {
  return /^\s*([)\]}>;,]|<\/[\w.:-]*>|\/>)+\s*$/.test(line) || /^\s*(end|fi|done|esac)\s*;?\s*$/.test(line);
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}
