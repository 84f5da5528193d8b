/** The place where the cursor will stand once a suggestion is accepted, so that the next one can be prepared. */
import { around, type CompletionContext } from './completion-context.js';
import type { Completion } from './present.js';

/**
 * The context as it will be. Its document is still the present one: only the texts around the cursor are ahead.
 * `completion` was presented for `context`.
 */
export function contextAfterAccept(context: CompletionContext, completion: Completion): CompletionContext {
  const inserted = completion.text.slice(context.selected?.text.length ?? 0).replaceAll('\r\n', '\n');
  const replaced = completion.end - context.end;
  const { document, endOfLine, start } = context;
  const offset = start + completion.text.length;
  return {
    document,
    mode: 'automatic',
    offset,
    start: offset,
    end: offset,
    ...around(context.before + inserted, context.after.slice(replaced)),
    endOfLine,
  };
}
