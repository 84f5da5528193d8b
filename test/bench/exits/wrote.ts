/** One suggestion at a cut by the product's pipeline, and whether it is what the author wrote. */
import type { ReadyEngine } from '../../../language-server/completion/ask-model.js';
import { completeAt } from '../../../language-server/completion/complete-at.js';
import type { Speculated } from '../../../language-server/inference/model.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import type { Settings } from '../../../language-server/protocol.js';
import type { Cut } from '../cases.js';

/** What was written, as it is kept. The prompt had been read before, so that times are those of writing alone. */
export interface Wrote {
  /** Empty: nothing was offered. */
  readonly text: string;
  /** Whether the text is what the author wrote, as far as it goes, and ends between words. */
  readonly right: boolean;
  /** Whether the first line of it is. */
  readonly firstLineRight: boolean;
  /** Whether it is the rest of the cursor's line, no more and no less. */
  readonly exact: boolean;
  readonly steps: number;
  /** All but reading the prompt. */
  readonly writeMs: number;
  /** Of its tokens, and of those of its first line. */
  readonly meanLogProb: number;
  readonly firstLineMeanLogProb: number;
  /** The chance of the whole, by the stop model. */
  readonly sure: number;
}

/** What else one run tells. */
export interface Written {
  readonly wrote: Wrote;
  readonly request: WriteRequest;
  /** By step, whether constraints left all tokens alone there; false throughout where the text was cut back. */
  readonly isPlain: (step: number) => boolean;
  /** Tokens that were guessed and read ahead, and those of them that held. */
  readonly speculated: Speculated;
}

export async function writeAt(
  cut: Cut,
  engine: ReadyEngine,
  settings: Settings,
  extra: Partial<WriteRequest>,
): Promise<Written> {
  const { writer } = engine;
  const before = plain(cut.before);
  let asked: WriteRequest | undefined;
  const { items, cost, trace } = await completeAt({
    text: before + plain(cut.after),
    path: cut.file.absolutePath,
    languageId: cut.file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings,
    engine: {
      ...engine,
      writer: {
        write: (request, signal, hear) => writer.write((asked = { ...request, ...extra }), signal, hear),
      },
    },
  });
  const [item] = items;
  const tokens = item?.draft.tokens ?? [];
  const text = item?.text ?? '';
  const truth = plain(cut.expected + cut.after);
  const meanLogProb = (some: typeof tokens): number =>
    some.reduce((sum, { logProb }) => sum + logProb, 0) / Math.max(1, some.length);
  const second = tokens.findIndex((_, at) => isBeyondFirstLine(tokens.slice(0, at + 1)));
  const refused = new Set(trace.flatMap((entry) => (entry.kind === 'removed' ? [entry.at] : [])));
  const isCutBack = ['length', 'dead-end', 'time', 'repetition'].includes(item?.draft.ending ?? 'dead-end');
  return {
    request: asked!,
    isPlain: (step) => !isCutBack && (cost.takenBack ?? 0) === 0 && !refused.has(step),
    speculated: cost.speculated ?? { guessed: 0, held: 0 },
    wrote: {
      text,
      right: text !== '' && isBeginning(text, truth),
      firstLineRight: text !== '' && isBeginning(firstLine(text), truth),
      exact: firstLine(text).trimEnd() === plain(cut.expected).trimEnd(),
      steps: cost.steps,
      writeMs: cost.totalMs - cost.promptMs,
      meanLogProb: meanLogProb(tokens),
      firstLineMeanLogProb: meanLogProb(second < 0 ? tokens : tokens.slice(0, second)),
      sure: tokens.at(-1)?.sure ?? 0,
    },
  };
}

/** A text that ends inside a word of the truth says another word. */
export function isBeginning(text: string, truth: string): boolean {
  const next = truth[text.length] ?? '';
  return truth.startsWith(text) && !(/[\p{L}\p{N}_$]$/u.test(text) && /[\p{L}\p{N}_$]/u.test(next));
}

function isBeyondFirstLine(tokens: readonly { readonly text: string }[]): boolean {
  const text = tokens.map((token) => token.text).join('');
  return firstLine(text).length < text.trimEnd().length;
}

function firstLine(text: string): string {
  return /^\s*[^\n]*/.exec(text)![0];
}

/** The form in which the pipeline sees text. */
export function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
