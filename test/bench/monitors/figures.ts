/** The figures of one language, paired by place; intervals resample packages. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import { differenceFigure, meanFigure, quantileFigure, type Sample } from '../statistics.js';
import type { Arm, ArmResult, PlaceResult } from './measure-place.js';
import type { MonitorPlace, PlaceKind } from './places.js';

type One = Measured<MonitorPlace, PlaceResult>;
type Case = One & { readonly result: Required<PlaceResult> };

/** @param all the places of one language, those that are no case included. */
export function monitorFigures(all: readonly One[], seed: number): Figures {
  const cases = all.filter((one): one is Case => one.result.arms !== undefined);
  const share = (samples: readonly Sample[]): Figure => meanFigure(samples, '1', seed);
  const of = (test: (result: Case['result']) => boolean, among: readonly Case[] = cases): Figure =>
    share(among.map(({ of: place, result }) => ({ value: Number(test(result)), cluster: place.file.group })));
  const gain = (
    before: (result: Case['result']) => boolean,
    after: (result: Case['result']) => boolean,
  ): Figure =>
    differenceFigure(
      cases.map(({ of: place, result }) => ({
        before: Number(before(result)),
        after: Number(after(result)),
        cluster: place.file.group,
      })),
      '1',
      seed,
    );
  const hit = (arm: Arm) => (result: Case['result']) => result.arms[arm].hits;
  const exact = (arm: Arm) => (result: Case['result']) => result.arms[arm].isExact;
  const members = cases.filter(({ of: place }) => place.kind === 'members');
  const judged = cases.filter(({ result }) => result.oracle.abstained === undefined);
  return {
    cases: { value: cases.length, unit: 'places', n: cases.length },
    trigger_rate: of(({ oracle }) => oracle.triggered, members),
    judged: of(({ oracle }) => oracle.abstained === undefined),
    oracle_recall: of(({ oracle }) => oracle.refusedBy === undefined, judged),
    next_identifier_off: of(hit('off')),
    next_identifier_off_6: of(({ hitsOfSix }) => hitsOfSix),
    next_identifier_always: of(hit('always')),
    next_identifier_checked: of(hit('check')),
    next_identifier_gain: gain(hit('off'), hit('check')),
    next_identifier_always_gain: gain(hit('off'), hit('always')),
    clean_off: cleanFigure(cases, 'off', share),
    clean_always: cleanFigure(cases, 'always', share),
    clean_checked: cleanFigure(cases, 'check', share),
    exact_off: of(exact('off')),
    exact_always: of(exact('always')),
    exact_checked: of(exact('check')),
    exact_gain: gain(exact('off'), exact('check')),
    shown_off: of(({ arms }) => arms.off.shown !== undefined),
    shown_always: of(({ arms }) => arms.always.shown !== undefined),
    shown_checked: of(({ arms }) => arms.check.shown !== undefined),
    harm: of(({ arms }) => arms.off.hits && !arms.check.hits),
    harm_always: of(({ arms }) => arms.off.hits && !arms.always.hits),
    added_share_p95: quantileFigure(cases.map(addedShare), 0.95, '1'),
    added_share_p50: quantileFigure(cases.map(addedShare), 0.5, '1'),
    question_ms_p50: quantileFigure(questionsOf(cases), 0.5, 'ms'),
    question_ms_p95: quantileFigure(questionsOf(cases), 0.95, 'ms'),
    released: of(({ arms }) => arms.always.released > 0),
    ...kindFigures(cases, (among) => ({
      cases: { value: among.length, unit: 'places', n: among.length },
      trigger_rate: of(({ oracle }) => oracle.triggered, among),
      next_identifier_off: of(hit('off'), among),
      next_identifier_always: of(hit('always'), among),
      next_identifier_checked: of(hit('check'), among),
    })),
    ...abstentionFigures(cases, of),
  };
}

/** Over what is shown and could be checked. */
function cleanFigure(
  cases: readonly Case[],
  arm: Arm,
  share: (samples: readonly Sample[]) => Figure,
): Figure {
  return share(
    cases.flatMap(({ of: place, result }) => {
      const { isClean } = result.arms[arm];
      return isClean === undefined ? [] : [{ value: Number(isClean), cluster: place.file.group }];
    }),
  );
}

/** What checking adds to a suggestion whose prompt had to be read. */
function addedShare({ result: { arms } }: Case): number {
  const written = ({ totalMs, promptMs }: ArmResult): number => totalMs - promptMs;
  return (written(arms.check) - written(arms.off)) / arms.off.totalMs;
}

function questionsOf(cases: readonly Case[]): readonly number[] {
  return cases.flatMap(({ result: { arms } }) => [...arms.always.questions, ...arms.check.questions]);
}

function kindFigures(cases: readonly Case[], figuresOf: (among: readonly Case[]) => Figures): Figures {
  const kinds = [...new Set(cases.map(({ of: place }) => place.kind))].sort();
  return prefixed(kinds, (kind: PlaceKind) =>
    figuresOf(cases.filter(({ of: place }) => place.kind === kind)),
  );
}

function prefixed<Name extends string>(names: readonly Name[], figuresOf: (name: Name) => Figures): Figures {
  return Object.fromEntries(
    names.flatMap((name) =>
      Object.entries(figuresOf(name)).map(([figure, value]) => [
        `${name.replace('-', '_')}.${figure}`,
        value,
      ]),
    ),
  );
}

/** Names that were not judged, by reason. */
function abstentionFigures(
  cases: readonly Case[],
  of: (test: (result: Case['result']) => boolean) => Figure,
): Figures {
  const reasons = [...new Set(cases.flatMap(({ result }) => result.oracle.abstained ?? []))].sort();
  return Object.fromEntries(
    reasons.map((reason) => [
      `abstained.${reason.toLowerCase().replaceAll(/[^a-z]+/g, '_')}`,
      of(({ oracle }) => oracle.abstained === reason),
    ]),
  );
}
