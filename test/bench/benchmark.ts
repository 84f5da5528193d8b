/**
 * What a benchmark is: something that measures a corpus of source files and answers with named figures.
 *
 * A new benchmark is a file that exports one `Benchmark`, and a row in `bench.ts`.
 */
import type { CorpusFile } from './corpus.js';

/** Wrong arguments: exit code 2, and the sentence is all the user sees. */
export class WrongArguments extends Error {}

export interface Benchmark {
  /** As on the command line: `npm run -s bench -- NAME`. */
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Options of its own, by name without dashes, each with a sentence for `--help`. All take a value. */
  readonly options: Readonly<Record<string, string>>;
  run(context: BenchContext): Promise<Figures>;
}

export interface BenchContext {
  /** Absolute folder the corpus was read from. */
  readonly corpus: string;
  /** The files, in an order fixed by the seed. Taking the first few is taking a random sample. */
  readonly files: readonly CorpusFile[];
  readonly seed: number;
  readonly budget: Budget;
  /** One line for a person who waits; goes to stderr. */
  readonly progress: (line: string) => void;
  /** What was given for this benchmark's own options. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /**
   * Measures the cases in their order until the budget is spent, and keeps each result on disk: a run that was
   * interrupted, or one with more minutes, goes on where the last one stopped. `part` names the list of cases
   * within this benchmark, and `share` the part of `--minutes` that it may take (all, unless said otherwise). One
   * case is measured even when no time is left. Results must survive JSON. In a quick run nothing is kept.
   */
  readonly measureEach: <Case extends { readonly id: string }, Result>(
    part: string,
    cases: readonly Case[],
    measure: (one: Case) => Promise<Result> | Result,
    share?: number,
  ) => Promise<readonly Measured<Case, Result>[]>;
}

export interface Budget {
  /** Only show that the benchmark runs, in less than a minute: a handful of cases. */
  readonly quick: boolean;
  /** From `--minutes`; undefined means all cases, however long they take. */
  readonly minutes: number | undefined;
  /** Milliseconds left; infinite when nothing limits the run. */
  readonly left: () => number;
}

export interface Measured<Case, Result> {
  readonly of: Case;
  readonly result: Result;
}

/** Figures by name; those of one language are prefixed, `typescript.perplexity`. */
export type Figures = Readonly<Record<string, Figure>>;

export interface Figure {
  readonly value: number;
  /** `1` for shares and ratios, else `ms`, `us`, `tokens`, `MB`, … */
  readonly unit: string;
  /** How many cases the value was taken over. */
  readonly n: number;
  /** Ends of the 95 % interval, where one was computed. */
  readonly low?: number;
  readonly high?: number;
}

/** What `--json` prints. */
export interface BenchReport {
  readonly bench: string;
  /** Commit of the checkout; `+` and a hash follow when files differ from it. */
  readonly commit: string;
  readonly corpus: string;
  readonly seed: number;
  readonly figures: Figures;
}
