/** Explains the last suggestion, token by token: how likely, how sure, how deep, and what constraints refused there. */
import type { TraceEntry } from '../decoding/write-request.js';
import type { ExplainedToken, SuggestionExplanation } from '../protocol.js';
import type { Completions } from './complete.js';
import type { Completion } from './present.js';

/** Remembers what was shown last, and how it was written. */
export class LastSuggestion {
  private shown: Completion | undefined;
  private trace: readonly TraceEntry[] = [];
  /** What was written last, by the number that its ids begin with. */
  private answer = '';

  constructor(private readonly layers: () => number | undefined) {}

  /** Hears of every answer; those without suggestions leave the last one as it is. */
  told({ items, source, trace }: Completions): void {
    const [first] = items;
    if (!first) return;
    const answer = first.id.split('.', 1)[0]!;
    if (source === 'model') this.trace = trace;
    else if (answer !== this.answer) this.trace = [];
    this.answer = answer;
    this.shown = first;
  }

  /** Undefined while nothing has been suggested. */
  explain(): SuggestionExplanation | undefined {
    const { shown, trace } = this;
    if (!shown) return undefined;
    const { draft } = shown;
    const tokens = draft.tokens.map(({ text, logProb, exit, sure }, at): ExplainedToken => ({
      text,
      probability: Math.exp(logProb),
      exit,
      ...(sure !== undefined && { sure }),
      refused: trace.flatMap((entry) =>
        entry.kind === 'refused' && entry.at === at
          ? [{ token: entry.token, by: entry.by, probability: entry.probability }]
          : [],
      ),
    }));
    const deepest = this.layers() ?? Math.max(...tokens.map(({ exit }) => exit));
    const notes = trace.flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
    return { text: shown.text, tokens, layers: deepest, ending: draft.ending, notes };
  }
}
