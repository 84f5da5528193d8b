/** From measured places to named figures: promises kept and text kept, by ε and most holes, beside all rivals. */
import type { Figure, Figures, Measured } from '../benchmark.js';
import type { Cut } from '../cases.js';
import { randomFor } from '../random.js';
import { intervalsOver, type Outcomes } from './intervals.js';
import { epsilons, mostHoles, type PlaceResult } from './measure-place.js';
import {
  silentOutcome,
  splitPackages,
  splitPlaces,
  tally,
  type GroupedOutcome,
  type Split,
  type Tally,
} from './splits.js';

const delta = 0.1;

/** Below this share of text kept by tails alone, a gain over them is no figure. */
const LEAST_TO_COMPARE = 0.05;

type Places = readonly Measured<Cut, PlaceResult>[];

export function promiseFigures(places: Places, seed: number, splits: number): Figures {
  const figures: Record<string, Figure> = {};
  const n = places.length;
  const share = (value: number): Figure => ({ value, unit: '1', n });
  const family = familiesOf(places, seed, splits);
  const outcomesOf = (name: string): Outcomes => places.map((place) => outcomeOf(place, name));
  const intervals = intervalsOver(outcomesOf('tail1'), seed, 2 * splits);
  for (const epsilon of epsilons) {
    const promised = { epsilon, delta };
    const tail = tally(family('tail1').byPlace, promised);
    for (const most of mostHoles) {
      const name = `eps_${String(Math.round(100 * epsilon)).padStart(2, '0')}.m${most}`;
      const { byPlace, byPackage, bySingle } = family(`both${most}`);
      const ours = tally(byPlace, promised);
      const across = tally(byPackage, promised);
      const single = tally(bySingle, promised);
      figures[`${name}.rejected_by_place`] = share(ours.rejected);
      figures[`${name}.violations_by_package`] = share(across.violated);
      figures[`${name}.violations_by_package_single`] = share(single.violated);
      figures[`${name}.attained_by_package_single`] = share(single.attained);
      figures[`${name}.attained`] = share(ours.attained);
      const way = outcomesOf(`both${most}`);
      const interval = (ways: readonly Outcomes[], statistic: (tallies: readonly Tally[]) => number) =>
        intervals(ways, promised, statistic);
      figures[`${name}.coverage`] = {
        ...share(1 - ours.risk),
        ...interval([way], ([one]) => 1 - one!.risk),
      };
      figures[`${name}.kept`] = { ...share(ours.kept), ...interval([way], ([one]) => one!.kept) };
      figures[`${name}.kept_of_nodes`] = share(ours.nodes);
      figures[`${name}.kept_tail_only`] = share(tail.kept);
      if (LEAST_TO_COMPARE <= tail.kept) {
        figures[`${name}.kept_gain`] = {
          ...share(ours.kept / tail.kept - 1),
          ...interval([way, outcomesOf('tail1')], ([one, other]) => one!.kept / other!.kept - 1),
        };
      }
      figures[`${name}.kept_nodes_only`] = share(keptBy(family(`nodes${most}`).byPlace, promised));
      figures[`${name}.kept_greedy`] = share(keptBy(family(`greedy${most}`).byPlace, promised));
      const rows = places.map(({ result }) => result.thresholds[`${epsilon} ${most}`]);
      const ink = places.reduce((sum, { result }) => sum + result.ink, 0);
      figures[`${name}.threshold_risk`] = share(rows.filter((row) => row?.wrong).length / n);
      figures[`${name}.threshold_kept`] = share(rows.reduce((sum, row) => sum + (row?.kept ?? 0), 0) / ink);
    }
  }
  return figures;
}

function keptBy(
  splits: readonly Split[],
  promised: { readonly epsilon: number; readonly delta: number },
): number {
  const { kept }: Tally = tally(splits, promised);
  return kept;
}

interface Splits {
  readonly byPlace: readonly Split[];
  readonly byPackage: readonly Split[];
  readonly bySingle: readonly Split[];
}

/** The same places go to the same halves for every family, so that families are compared like with like. */
function familiesOf(places: Places, seed: number, count: number): (family: string) => Splits {
  const made = new Map<string, Splits>();
  return (family) => {
    const known =
      made.get(family) ??
      splitsOf(
        places.map((place) => outcomeOf(place, family)),
        seed,
        count,
      );
    made.set(family, known);
    return known;
  };
}

function splitsOf(outcomes: readonly GroupedOutcome[], seed: number, count: number): Splits {
  const times = <T>(name: string, split: (random: () => number) => T): readonly T[] => {
    const random = randomFor(seed, name);
    return Array.from({ length: count }, () => split(random));
  };
  return {
    byPlace: times('by place', (random) => splitPlaces(outcomes, random)),
    byPackage: times('by package', (random) => splitPackages(outcomes, false, random)),
    bySingle: times('by package', (random) => splitPackages(outcomes, true, random)),
  };
}

function outcomeOf({ of: { file }, result }: Measured<Cut, PlaceResult>, family: string): GroupedOutcome {
  const shown = result.families[family];
  if (!shown) return silentOutcome(file.group);
  return {
    group: file.group,
    ink: result.ink,
    kept: shown.kept,
    wrong: Array.from(shown.wrong, (one) => one === '1'),
    allNodes: result.nodes,
    keptNodes: shown.nodes,
  };
}
