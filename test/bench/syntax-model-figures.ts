/** Figures of suggestions with and without the syntax constraint, pair by pair. */
import type { BenchContext, Figure, Figures, Measured } from './benchmark.js';
import { differenceFigure, meanFigure } from './statistics.js';
import type { WritingPlace } from './syntax-model-places.js';

/** One answer at one place. Shares are 0 or 1. */
export interface Suggested {
  readonly shown: number;
  readonly exact: number;
  /** The file has more errors with the suggestion than it had with nothing at the cursor. */
  readonly newError: number;
  /** The file has an error with the suggestion, be it the one that the unfinished code at the cursor was before. */
  readonly anyError: number;
  readonly totalMs: number;
  readonly constraintMs: number;
  /** Runs of the network after the prompt. */
  readonly steps: number;
  /** A draft went back. */
  readonly backedUp: number;
  /** A draft of which nothing joined was closed. */
  readonly closed: number;
  /** Why the constraint was off. */
  readonly off?: string;
  /** Why nothing was shown. */
  readonly silence?: string;
  /** The beginning of what was shown, where the file has an error with it. */
  readonly text?: string;
}

export interface Comparison {
  readonly constrained: Suggested;
  readonly free: Suggested;
  /** Constrained, but never going back; only where a draft did: elsewhere it is the same as `constrained`. */
  readonly straight?: Suggested;
}

type Compared = Measured<WritingPlace, Comparison>;

export function comparisonFigures(compared: readonly Compared[], context: BenchContext): Figures {
  const names = [...new Set(compared.map(({ of }) => of.file.language))];
  const figures = names.map((name) =>
    languageFigures(
      name,
      compared.filter(({ of }) => of.file.language === name),
      context,
    ),
  );
  tellCauses(compared, context);
  return Object.assign({}, ...figures, overheadFigure(compared)) as Figures;
}

function languageFigures(name: string, compared: readonly Compared[], { seed }: BenchContext): Figures {
  const mean = (pairs: readonly Compared[], value: (pair: Comparison) => number): Figure =>
    meanFigure(
      pairs.map(({ of, result }) => ({ value: value(result), cluster: of.file.path })),
      '1',
      seed,
    );
  const shown = (which: 'free' | 'constrained'): readonly Compared[] =>
    compared.filter(({ result }) => result[which].shown === 1);
  return {
    [`${name}.new_errors_free`]: mean(shown('free'), ({ free }) => free.newError),
    [`${name}.new_errors_constrained`]: mean(shown('constrained'), ({ constrained }) => constrained.newError),
    [`${name}.any_error_free`]: mean(shown('free'), ({ free }) => free.anyError),
    [`${name}.any_error_constrained`]: mean(shown('constrained'), ({ constrained }) => constrained.anyError),
    [`${name}.exact_free`]: mean(compared, ({ free }) => free.exact),
    [`${name}.exact_constrained`]: mean(compared, ({ constrained }) => constrained.exact),
    [`${name}.exact_gain`]: differenceFigure(
      compared.map(({ of, result: { free, constrained } }) => ({
        before: free.exact,
        after: constrained.exact,
        cluster: of.file.path,
      })),
      '1',
      seed,
    ),
    ...backUpFigures(name, compared, seed),
    [`${name}.shown`]: mean(compared, ({ constrained }) => constrained.shown),
    [`${name}.lost_to_silence`]: mean(compared, ({ free, constrained }) =>
      Math.max(0, free.shown - constrained.shown),
    ),
    [`${name}.closed`]: mean(compared, ({ constrained }) => constrained.closed),
    [`${name}.closed_exact`]: mean(
      compared.filter(({ result }) => result.constrained.closed === 1),
      ({ constrained }) => constrained.exact,
    ),
    [`${name}.lost_sound_to_silence`]: mean(compared, ({ free, constrained }) =>
      free.anyError === 1 ? 0 : Math.max(0, free.shown - constrained.shown),
    ),
    [`${name}.off_share`]: mean(compared, ({ constrained }) => (constrained.off === undefined ? 0 : 1)),
  };
}

/** How often drafts went back, and what that was worth and cost over all places. */
function backUpFigures(name: string, compared: readonly Compared[], seed: number): Figures {
  const cases = compared.map(({ of, result: { constrained, straight = constrained } }) => ({
    constrained,
    straight,
    cluster: of.file.path,
  }));
  const gain = (value: (one: Suggested) => number): Figure =>
    differenceFigure(
      cases.map(({ constrained, straight, cluster }) => ({
        before: value(straight),
        after: value(constrained),
        cluster,
      })),
      '1',
      seed,
    );
  const steps = (of: readonly Suggested[]): number => of.reduce((sum, one) => sum + one.steps, 0);
  const ratio = steps(cases.map((one) => one.constrained)) / steps(cases.map((one) => one.straight));
  return {
    [`${name}.backed_up`]: meanFigure(
      cases.map(({ constrained, cluster }) => ({ value: constrained.backedUp, cluster })),
      '1',
      seed,
    ),
    [`${name}.back_up_exact_gain`]: gain(({ exact }) => exact),
    [`${name}.back_up_shown_gain`]: gain(({ shown }) => shown),
    [`${name}.generation_ratio`]: { value: ratio, unit: '1', n: cases.length },
  };
}

/** Reading the text before the cursor and all checks, over the whole time of the suggestions. */
function overheadFigure(compared: readonly Compared[]): Figures {
  const held = compared.filter(({ result }) => result.constrained.constraintMs > 0);
  const sum = (of: (one: Suggested) => number): number =>
    held.reduce((total, { result }) => total + of(result.constrained), 0);
  const value = sum(({ constraintMs }) => constraintMs) / sum(({ totalMs }) => totalMs);
  return { overhead_share: { value, unit: '1', n: held.length } };
}

/** What whoever mends the constraint wants to see: what it let through, what it silenced, why it was off. */
function tellCauses(compared: readonly Compared[], { progress }: BenchContext): void {
  for (const { of, result } of compared) {
    const { constrained, free } = result;
    const place = `${of.kind} ${of.id}`;
    const error = constrained.newError === 1 ? 'brings' : 'leaves';
    if (constrained.anyError === 1)
      progress(`${place}: ${JSON.stringify(constrained.text)} ${error} an error`);
    if (constrained.off !== undefined) progress(`${place}: ${constrained.off}`);
    if (constrained.shown < free.shown) {
      const without = free.anyError === 1 ? 'was wrong' : free.exact === 1 ? 'was exact' : 'was shown';
      progress(`${place} is silent (${constrained.silence ?? ''}); what ${without} without the constraint`);
    }
  }
}
