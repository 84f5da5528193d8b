/** One place of the corpus: what the pipeline offers there, and what each way of making holes would have shown. */
import { completeAt } from '../../../language-server/completion/complete-at.js';
import type { Engine } from '../../../language-server/completion/engine.js';
import { suggestionTree, trueTree } from '../../../language-server/completion/suggestion-tree.js';
import { budgets } from '../../../language-server/holes/calibrate.js';
import { contains, type Truth } from '../../../language-server/holes/containment.js';
import { holePlaces, type HoleForms } from '../../../language-server/holes/hole-places.js';
import type { HoleTree } from '../../../language-server/holes/hole-tree.js';
import { namesIn, type NameTest } from '../../../language-server/holes/mirrors.js';
import { isWorthShowing, partialProgram, piecesOf } from '../../../language-server/holes/partial-program.js';
import { greedyTradeOff, thresholdBargain } from '../../../language-server/holes/rival-trade-offs.js';
import { tradeOff, within, type Bargain, type TradeOff } from '../../../language-server/holes/trade-off.js';
import type { Settings } from '../../../language-server/protocol.js';
import { grammarOf } from '../../support/grammars.js';
import type { Cut } from '../cases.js';

export const mostHoles = [1, 2, 3] as const;
export const epsilons = [0.05, 0.1, 0.2, 0.3] as const;

/** What was shown, for each budget in turn: `wrong` as a text of 0 and 1, so that results stay small on disk. */
export interface Shown {
  readonly wrong: string;
  readonly kept: readonly number[];
  readonly nodes: readonly number[];
}

export interface PlaceResult {
  /** Visible characters and nodes of the whole suggestion; 0 when nothing was offered. */
  readonly ink: number;
  readonly nodes: number;
  /** Why there is no tree, where there is none. */
  readonly why?: string;
  /** By family and most holes: `both2`, `nodes1`, `tail1`, `greedy3`. */
  readonly families: Readonly<Record<string, Shown>>;
  /** A hole wherever a lexeme is less likely than 1 - ε, with no calibration: by ε and most holes. */
  readonly thresholds: Readonly<Record<string, { readonly wrong: boolean; readonly kept: number }>>;
  readonly dpMs: number;
}

const nothing = (why: string): PlaceResult => ({
  ink: 0,
  nodes: 0,
  why,
  families: {},
  thresholds: {},
  dpMs: 0,
});

/** What the pipeline wrote: kept on disk, since writing takes seconds and judging it milliseconds. */
export type Drafted =
  | {
      readonly text: string;
      readonly draft: string;
      readonly tokens: readonly (readonly [text: string, logProb: number])[];
    }
  | { readonly why: string };

export async function draftAt(cut: Cut, engine: Engine, settings: Settings): Promise<Drafted> {
  const before = plain(cut.before);
  const { items, silence } = await completeAt({
    text: before + plain(cut.after),
    path: cut.file.absolutePath,
    languageId: cut.file.languageId,
    offset: before.length,
    mode: 'explicit',
    settings,
    engine,
  });
  const [item] = items;
  if (!item) return { why: silence?.reason ?? 'nothing' };
  const { text, tokens } = item.draft;
  return { text: item.text, draft: text, tokens: tokens.map((token) => [token.text, token.logProb]) };
}

export async function judgeDraft(cut: Cut, drafted: Drafted): Promise<PlaceResult> {
  if ('why' in drafted) return nothing(drafted.why);
  const language = await grammarOf(cut.file.language);
  const around = { before: plain(cut.before), after: plain(cut.after) };
  const truth = trueTree(language, around, plain(cut.expected));
  if (!truth) return nothing('truth-does-not-parse');
  const tokens = drafted.tokens.map(([text, logProb]) => ({ text, logProb }));
  const tree = suggestionTree(language, around, drafted.text, { text: drafted.draft, tokens });
  return typeof tree === 'string' ? nothing(tree) : judged(tree, truth, namesIn(around.before));
}

function judged(tree: HoleTree, truth: Truth, isKnown: NameTest): PlaceResult {
  const optimal = (forms: HoleForms, most: number): TradeOff => tradeOff(tree, holePlaces(tree, forms), most);
  const start = performance.now();
  optimal('both', 3);
  const dpMs = performance.now() - start;
  const judge = (bargain: Bargain) => judgeBargain(tree, bargain, isKnown, truth);
  const families: Record<string, Shown> = { tail1: shownBy(optimal('tail', 1), judge) };
  const thresholds: Record<string, { wrong: boolean; kept: number }> = {};
  for (const most of mostHoles) {
    families[`both${most}`] = shownBy(optimal('both', most), judge);
    families[`nodes${most}`] = shownBy(optimal('nodes', most), judge);
    families[`greedy${most}`] = shownBy(greedyTradeOff(tree, most), judge);
    for (const epsilon of epsilons) {
      const { wrong, kept } = judge(thresholdBargain(tree, 1 - epsilon, most));
      thresholds[`${epsilon} ${most}`] = { wrong, kept };
    }
  }
  return { ink: tree.inkBefore.at(-1)!, nodes: tree.nodes.length, families, thresholds, dpMs };
}

interface Judged {
  readonly wrong: boolean;
  readonly kept: number;
  readonly nodes: number;
}

function judgeBargain(tree: HoleTree, bargain: Bargain, isKnown: NameTest, truth: Truth): Judged {
  const program = partialProgram(tree, bargain, isKnown);
  if (!isWorthShowing(program)) return { wrong: false, kept: 0, nodes: 0 };
  const gaps = piecesOf(program).filter(({ kind }) => kind === 'hole');
  const nodes = tree.nodes.filter(
    (node) => !gaps.some(({ start, end }) => start <= node.start && node.end <= end),
  ).length;
  return { wrong: !contains(tree, program, truth), kept: program.kept, nodes };
}

function shownBy(bargains: TradeOff, judge: (bargain: Bargain) => Judged): Shown {
  const known = new Map<Bargain, Judged>();
  const rows = budgets.map((budget) => {
    const bargain = within(bargains, budget)!;
    const result = known.get(bargain) ?? judge(bargain);
    known.set(bargain, result);
    return result;
  });
  return {
    wrong: rows.map(({ wrong }) => (wrong ? '1' : '0')).join(''),
    kept: rows.map(({ kept }) => kept),
    nodes: rows.map(({ nodes }) => nodes),
  };
}

/** The form in which the pipeline sees text. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
