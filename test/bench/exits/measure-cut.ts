/** One place three times: at full depth, with an exit policy, and stopped on uncertainty. */
import type { ReadyEngine } from '../../../language-server/completion/ask-model.js';
import { completeAt } from '../../../language-server/completion/complete-at.js';
import type { WriteRequest } from '../../../language-server/decoding/write-request.js';
import type { ExitChoice } from '../../../language-server/inference/exit-policies.js';
import type { Settings } from '../../../language-server/protocol.js';
import type { Cut } from '../cases.js';

/** What was written. The prompt had been read before, so that times are those of writing alone. */
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
  readonly decodeMs: number;
  /** All but reading the prompt. */
  readonly writeMs: number;
  /** Layers that ran for each token of it. */
  readonly exits: readonly number[];
  readonly meanLogProb: number;
  /** The chance of the whole, by the stop model. */
  readonly sure: number;
  readonly ending: string;
}

export interface CutResult {
  readonly full: Wrote;
  readonly early: Wrote;
  readonly stopped: Wrote;
}

export async function measureCut(
  cut: Cut,
  engine: ReadyEngine,
  settings: Settings,
  exits: ExitChoice,
  least: number,
): Promise<CutResult> {
  const write = (extra: Partial<WriteRequest>) => wrote(cut, engine, settings, extra);
  // Reads the prompt, so that the three begin alike.
  await write({ maxTokens: 1 });
  // Which of the two comes first alternates by the place, so that neither has the better machine.
  const isFirst = cut.before.length % 2 === 0;
  const before = isFirst ? await write({ stop: { least: 0 } }) : undefined;
  const early = await write({ exits, stop: { least: 0 } });
  const full = before ?? (await write({ stop: { least: 0 } }));
  return { full, early, stopped: await write({ stop: { least } }) };
}

async function wrote(
  cut: Cut,
  engine: ReadyEngine,
  settings: Settings,
  extra: Partial<WriteRequest>,
): Promise<Wrote> {
  const { writer } = engine;
  const before = plain(cut.before);
  const { items, cost } = await completeAt({
    text: before + plain(cut.after),
    path: cut.file.absolutePath,
    languageId: cut.file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings,
    engine: {
      ...engine,
      writer: { write: (request, signal, hear) => writer.write({ ...request, ...extra }, signal, hear) },
    },
  });
  const [item] = items;
  const tokens = item?.draft.tokens ?? [];
  const text = item?.text ?? '';
  const truth = plain(cut.expected + cut.after);
  return {
    text,
    right: text !== '' && isBeginning(text, truth),
    firstLineRight: text !== '' && isBeginning(firstLine(text), truth),
    exact: firstLine(text).trimEnd() === plain(cut.expected).trimEnd(),
    steps: cost.steps,
    decodeMs: cost.decodeMs,
    writeMs: cost.totalMs - cost.promptMs,
    exits: tokens.map(({ exit }) => exit),
    meanLogProb: tokens.length === 0 ? 0 : item!.draft.logProb / tokens.length,
    sure: tokens.at(-1)?.sure ?? 0,
    ending: item?.draft.ending ?? 'nothing',
  };
}

/** A text that ends inside a word of the truth says another word. */
function isBeginning(text: string, truth: string): boolean {
  const next = truth[text.length] ?? '';
  return truth.startsWith(text) && !(/[\p{L}\p{N}_$]$/u.test(text) && /[\p{L}\p{N}_$]/u.test(next));
}

function firstLine(text: string): string {
  return /^\s*[^\n]*/.exec(text)![0];
}

/** The form in which the pipeline sees text. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
