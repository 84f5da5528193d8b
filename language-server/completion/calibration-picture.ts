/** What a calibration did on files held out of it, as pictures: coverage against what was promised, and text kept. */
import type { LanguageReport } from './calibration-run.js';
import { lineChart, type Line } from './line-chart.js';

/** Images in Markdown; a sentence where no file could be held out. */
export function calibrationPictures(reports: readonly LanguageReport[]): string {
  const heldOut = reports.flatMap(({ language, promised, heldOut }) =>
    heldOut ? [{ language, epsilon: promised.epsilon, ...heldOut }] : [],
  );
  if (heldOut.length === 0) return 'There is no picture: too few files could be held out.';
  const languages = [...new Set(heldOut.map(({ language }) => language))];
  const linesOf = (point: (one: (typeof heldOut)[number]) => readonly [number, number]): readonly Line[] =>
    languages.map((name) => ({
      name,
      points: heldOut
        .filter(({ language }) => language === name)
        .map(point)
        .sort(([one], [other]) => one - other),
    }));
  const covered = linesOf(({ epsilon, places, mistakes }) => [1 - epsilon, 1 - mistakes / places]);
  const xs = covered.flatMap(({ points }) => points.map(([x]) => x));
  const ys = covered.flatMap(({ points }) => points.map(([, y]) => y));
  const low = Math.max(0, Math.min(...xs, ...ys) - 0.05);
  const promise: Line = {
    name: 'promised',
    points: [
      [low, low],
      [1, 1],
    ],
    dashed: true,
  };
  const coverage = lineChart({
    title: 'Held-out places where what stands allows the truth',
    below: '1 − ε',
    xs: [low, 1],
    ys: [low, 1],
    lines: [...covered, promise],
  });
  const kept = lineChart({
    title: 'Share of text kept on held-out files',
    below: 'ε',
    xs: [0, Math.max(...heldOut.map(({ epsilon }) => epsilon)) + 0.05],
    ys: [0, 1],
    lines: linesOf(({ epsilon, kept: share }) => [epsilon, share]),
  });
  return `${image('Coverage on held-out files', coverage)}\n${image('Text kept on held-out files', kept)}`;
}

function image(words: string, svg: string): string {
  return `![${words}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}
