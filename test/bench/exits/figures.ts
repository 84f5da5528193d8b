/** From measured places to named figures: what leaving early saves and costs. */
import type { Figure, Figures } from '../benchmark.js';
import { differenceFigure, meanFigure } from '../statistics.js';
import type { Spent } from '../spent.js';
import type { Arm, ArmTimes, RuleResult, Speculative } from './measure-cut.js';
import { over, total, type Place, type Places } from './over-places.js';
import { CHOSEN } from './rules.js';
import { stopFigures } from './stop-figures.js';

export function figuresOf(places: Places, layers: number, seed: number): Figures {
  const timed = places.filter(({ result }) => result.timed !== undefined);
  return {
    layers_mean: over(places, seed, 'layers', (some) => layersOf(some, byRule(CHOSEN))),
    layers_total: { value: layers, unit: 'layers', n: places.length },
    ...timeFigures(timed, seed),
    ...speculativeFigures(places, seed),
    ...exactFigures(places, seed),
    ...ruleFigures(places, seed),
    ...qualityFigures(places, seed),
    ...stopFigures(places, seed),
  };
}

/** Times with the policy over those at full depth, of exactly as many tokens, and of whole suggestions by their tokens. */
function timeFigures(timed: Places, seed: number): Figures {
  const sum = (some: Places, arm: Arm, of: (times: ArmTimes) => number): number =>
    total(some, (result) => of(result.timed!.times[arm]));
  const decode = (arm: Arm, what: keyof Spent): Figure => {
    const spent = ({ decode }: ArmTimes) => decode[what];
    return over(timed, seed, '1', (some) => sum(some, arm, spent) / sum(some, 'full', spent));
  };
  const suggestion = (arm: Arm): Figure => {
    const perStep = (some: Places, which: Arm) =>
      sum(some, which, ({ writeMs }) => writeMs) / sum(some, which, ({ steps }) => steps);
    return over(timed, seed, '1', (some) => perStep(some, arm) / perStep(some, 'full'));
  };
  const propagated = ({ result }: Place): RuleResult => result.timed!.propagated;
  const filled = byRule(CHOSEN);
  const replayed = timed.filter(({ result }) => result.timed!.replayHolds !== undefined);
  return {
    decode_time_ratio: decode('filled', 'ms'),
    decode_cpu_ratio: decode('filled', 'cpuMs'),
    suggestion_time_ratio: suggestion('filled'),
    'propagated.decode_time_ratio': decode('propagated', 'ms'),
    'propagated.decode_cpu_ratio': decode('propagated', 'cpuMs'),
    'propagated.suggestion_time_ratio': suggestion('propagated'),
    'speculative.decode_time_ratio': decode('speculative', 'ms'),
    'speculative.decode_cpu_ratio': decode('speculative', 'cpuMs'),
    'speculative.suggestion_time_ratio': suggestion('speculative'),
    'propagated.layers_mean': over(timed, seed, 'layers', (some) => layersOf(some, propagated)),
    'propagated.exact_over_filled': over(
      timed,
      seed,
      '1',
      (some) => shareOf(some, (one) => propagated(one).exact) - shareOf(some, (one) => filled(one).exact),
    ),
    'propagated.same': over(timed, seed, '1', (some) => shareOf(some, (one) => propagated(one).same)),
    'filled.same': over(timed, seed, '1', (some) => shareOf(some, (one) => filled(one).same)),
    replay_holds: over(replayed, seed, '1', (some) =>
      shareOf(some, ({ result }) => result.timed!.replayHolds),
    ),
  };
}

/** Full depth with guesses over full depth without: runs of the network, what guesses held, and whether anything changed. */
function speculativeFigures(places: Places, seed: number): Figures {
  const sum = (some: Places, of: keyof Omit<Speculative, 'same' | 'exact'>): number =>
    total(some, ({ speculative }) => speculative[of]);
  return {
    'speculative.runs_ratio': over(places, seed, '1', (some) => sum(some, 'runs') / sum(some, 'runsWithout')),
    'speculative.held': over(places, seed, '1', (some) => sum(some, 'held') / sum(some, 'guessed')),
    'speculative.same': over(places, seed, '1', (some) =>
      shareOf(some, ({ result }) => result.speculative.same),
    ),
    'speculative.exact_gain': over(
      places,
      seed,
      '1',
      (some) =>
        shareOf(some, ({ result }) => result.speculative.exact) -
        shareOf(some, ({ result }) => result.full.exact),
    ),
  };
}

function exactFigures(places: Places, seed: number): Figures {
  const figures: Record<string, Figure> = {};
  for (const language of new Set(places.map(({ of }) => of.file.language))) {
    const pairs = places
      .filter(({ of }) => of.file.language === language)
      .map((place) => ({
        before: Number(place.result.full.exact),
        after: Number(byRule(CHOSEN)(place).exact),
        cluster: place.of.file.path,
      }));
    const exact = (which: 'before' | 'after') =>
      meanFigure(
        pairs.map((pair) => ({ value: pair[which], cluster: pair.cluster })),
        '1',
        seed,
      );
    figures[`${language}.exact_full`] = exact('before');
    figures[`${language}.exact_exit`] = exact('after');
    figures[`${language}.exact_gain`] = differenceFigure(pairs, '1', seed);
  }
  return figures;
}

/**
 * By rule: layers a run of the network, the share of suggestions that stay the same, and what becomes of exact match.
 * Rules that are only replayed have no exact match, and their layers are those up to a first token that may be another.
 */
function ruleFigures(places: Places, seed: number): Figures {
  const figures: Record<string, Figure> = {};
  const names = new Set(places.flatMap(({ result }) => Object.keys(result.rules)));
  for (const name of names) {
    if (name === CHOSEN) continue;
    const rule = byRule(name);
    const own = places.filter(({ result }) => result.rules[name] !== undefined);
    figures[`${name}.layers`] = over(own, seed, 'layers', (some) => layersOf(some, rule));
    figures[`${name}.same`] = over(own, seed, '1', (some) => shareOf(some, (one) => rule(one).same));
    if (own.some((one) => rule(one).exact === undefined)) continue;
    figures[`${name}.exact_gain`] = over(
      own,
      seed,
      '1',
      (some) => shareOf(some, (one) => rule(one).exact) - shareOf(some, ({ result }) => result.full.exact),
    );
  }
  return figures;
}

/** By exit, where full depth went: how often it says the same, and how often what the author wrote. */
function qualityFigures(places: Places, seed: number): Figures {
  const figures: Record<string, Figure> = {};
  const exits = places.find(({ result }) => result.quality.exits.length > 0)?.result.quality.exits ?? [];
  const usable = places.filter(({ result }) => result.quality.exits.length > 0);
  exits.forEach(({ exit }, at) => {
    const share = (what: 'same' | 'right', of: 'tokens' | 'afterRight'): Figure =>
      over(
        usable,
        seed,
        '1',
        (some) =>
          total(some, ({ quality }) => quality.exits[at]![what]) / total(some, ({ quality }) => quality[of]),
      );
    figures[`exit_${exit}.same`] = share('same', 'tokens');
    figures[`exit_${exit}.right`] = share('right', 'afterRight');
  });
  return figures;
}

function byRule(name: string): (place: Place) => RuleResult {
  return ({ result }) => result.rules[name]!;
}

function layersOf(places: Places, rule: (place: Place) => RuleResult): number {
  const sum = (what: 'layers' | 'runs') => places.reduce((all, place) => all + rule(place)[what], 0);
  return sum('layers') / sum('runs');
}

function shareOf(places: Places, holds: (place: Place) => boolean | undefined): number {
  return places.filter((place) => holds(place) === true).length / places.length;
}
