/** The figures of one language, paired by place; intervals resample packages. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import { differenceFigure, meanFigure, quantileFigure, type Sample } from '../statistics.js';
import type { Arm, ArmResult, PlaceResult } from './measure-place.js';
import type { Oracle } from './oracle.js';
import type { MonitorPlace } from './places.js';

type One = Measured<MonitorPlace, PlaceResult>;
/** A place with a candidate, where suggestions were written. */
type Case = One & { readonly result: Required<PlaceResult> };

/** @param all the places of one language, those that are no case included. */
export function monitorFigures(all: readonly One[], seed: number): Figures {
  const known = all.filter(({ result }) => result.oracle.candidates > 0);
  const cases = known.filter((one): one is Case => one.result.arms !== undefined);
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
  return {
    cases: { value: cases.length, unit: 'places', n: cases.length },
    ...oracleFigures(known, seed),
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
    added_share_kept_p95: quantileFigure(cases.filter(isKept).map(addedShare), 0.95, '1'),
    asking_share_p95: quantileFigure(cases.map(askingShare), 0.95, '1'),
    asking_share_p50: quantileFigure(cases.map(askingShare), 0.5, '1'),
    added_steps_p95: quantileFigure(cases.map(addedSteps), 0.95, '1'),
    added_steps_p50: quantileFigure(cases.map(addedSteps), 0.5, '1'),
    rewritten: of(({ arms }) => arms.check.isRewritten),
    question_ms_p50: quantileFigure(questionsOf(cases), 0.5, 'ms'),
    question_ms_p95: quantileFigure(questionsOf(cases), 0.95, 'ms'),
    released: of(({ arms }) => arms.always.released > 0),
    ...kindFigures(cases, (among) => ({
      next_identifier_off: of(hit('off'), among),
      next_identifier_always: of(hit('always'), among),
      next_identifier_checked: of(hit('check'), among),
    })),
  };
}

/** What the monitors know of places where the server has a candidate, whatever the model would write. */
function oracleFigures(known: readonly One[], seed: number): Figures {
  const of = (test: (oracle: Oracle) => boolean, among: readonly One[]): Figure =>
    meanFigure(
      among.map(({ of: place, result }) => ({
        value: Number(test(result.oracle)),
        cluster: place.file.group,
      })),
      '1',
      seed,
    );
  const isJudged = (oracle: Oracle): boolean => oracle.abstained === undefined;
  const isAllowed = (oracle: Oracle): boolean => oracle.refusedBy === undefined;
  const judgedOf = (among: readonly One[]) => among.filter(({ result }) => isJudged(result.oracle));
  const members = known.filter(({ of: place }) => place.kind === 'members');
  const reasons = [...new Set(known.flatMap(({ result }) => result.oracle.abstained ?? []))].sort();
  return {
    places: { value: known.length, unit: 'places', n: known.length },
    trigger_rate: of(({ triggered }) => triggered, members),
    judged: of(isJudged, known),
    oracle_recall: of(isAllowed, judgedOf(known)),
    ...kindFigures(known, (among) => ({
      trigger_rate: of(({ triggered }) => triggered, among),
      judged: of(isJudged, among),
      oracle_recall: of(isAllowed, judgedOf(among)),
    })),
    ...Object.fromEntries(
      reasons.map((reason) => [
        `abstained.${reason.toLowerCase().replaceAll(/[^a-z]+/g, '_')}`,
        of(({ abstained }) => abstained === reason, known),
      ]),
    ),
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

/** Whether nothing was written anew: then checking is all that is added. */
function isKept({ result: { arms } }: Case): boolean {
  return !arms.check.isRewritten;
}

/** Of that, what waiting for the analysis server adds: the rest is written anew. */
function askingShare({ result: { arms } }: Case): number {
  return arms.check.waitedMs / arms.off.totalMs;
}

/** The same in runs of the network, which is what writing anew costs on any machine. */
function addedSteps({ result: { arms } }: Case): number {
  return (arms.check.steps - arms.off.steps) / Math.max(1, arms.off.steps);
}

function questionsOf(cases: readonly Case[]): readonly number[] {
  return cases.flatMap(({ result: { arms } }) => [...arms.always.questions, ...arms.check.questions]);
}

/** By kind of place: `members.judged`, `free_names.judged`. */
function kindFigures<Some extends One>(
  all: readonly Some[],
  figuresOf: (among: readonly Some[]) => Figures,
): Figures {
  const kinds = [...new Set(all.map(({ of: place }) => place.kind))].sort();
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const figures = figuresOf(all.filter(({ of: place }) => place.kind === kind));
      return Object.entries(figures).map(([name, figure]) => [`${kind.replace('-', '_')}.${name}`, figure]);
    }),
  );
}
