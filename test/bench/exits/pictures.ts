/** Pictures of leaving early, by layers that run, and of stopping, by the share of suggestions that is shown. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lineChart, type Line } from '../../../language-server/completion/line-chart.js';
import type { Figures } from '../benchmark.js';
import type { Places } from './over-places.js';
import { entropies, margins, propagatedAt, thresholds } from './rules.js';
import { offeredOf, precisionAt, rankings } from './stop-figures.js';

export async function writePictures(folder: string, places: Places, figures: Figures): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pictures = {
    'exits-curve': curvePicture(places, figures),
    'exits-quality': qualityPicture(figures),
    'exits-precision': precisionPicture(offeredOf(places)),
  };
  for (const [name, picture] of Object.entries(pictures))
    await writeFile(path.join(folder, `${name}.svg`), picture);
}

/** Every rule by its thresholds: how much runs, and how many suggestions stay the same. */
function curvePicture(places: Places, figures: Figures): string {
  const all = figures.layers_total!.value;
  const line = (name: string, prefix: string, steps: readonly number[]): Line => {
    const points = steps
      .map((at) => [figures[`${prefix}_${at}.layers`], figures[`${prefix}_${at}.same`]] as const)
      .flatMap(([layers, same]) => (layers && same ? [[layers.value / all, same.value] as const] : []));
    return { name, points: points.sort(([a], [b]) => a - b) };
  };
  const lines = [
    line('controller, filled in', 'controller', thresholds),
    line('controller, propagated', 'propagated', propagatedAt),
    line('entropy', 'entropy', entropies),
    line('margin', 'margin', margins),
  ].filter(({ points }) => points.length > 0);
  const least = Math.min(...lines.flatMap(({ points }) => points.map(([layers]) => layers)));
  return lineChart({
    title: `Suggestions that leaving early does not change (${places.length} places)`,
    below: 'share of the layers that run',
    xs: [Math.floor(least * 20) / 20, 1],
    ys: [0, 1],
    lines,
  });
}

function qualityPicture(figures: Figures): string {
  const exits = Object.keys(figures).flatMap((name) => /^exit_(\d+)\.same$/.exec(name)?.[1] ?? []);
  const points = (what: string) =>
    exits.map((exit) => [Number(exit), figures[`exit_${exit}.${what}`]!.value] as const);
  return lineChart({
    title: 'What each exit says',
    below: 'layers',
    xs: [0, figures.layers_total!.value],
    ys: [0, 1],
    lines: [
      { name: 'as full depth', points: points('same') },
      { name: 'as the author, where all was right before', points: points('right') },
    ],
  });
}

function precisionPicture(places: Places): string {
  const steps = Array.from({ length: 19 }, (_, at) => (at + 2) / 20);
  return lineChart({
    title: `Precision of the surest suggestions (${places.length} places)`,
    below: 'share shown',
    xs: [0, 1],
    ys: [0, 1],
    lines: rankings.map((ranking) => ({
      name: ranking.name,
      points: steps.map((share) => [share, precisionAt(places, share, ranking)] as const),
    })),
  });
}
