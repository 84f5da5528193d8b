/** Two pictures of the promise: coverage against 1 - ε, and text kept against ε. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lineChart, type Line } from '../../../language-server/completion/line-chart.js';
import type { Figures } from '../benchmark.js';
import { epsilons, mostHoles } from './measure-place.js';

export async function writePictures(folder: string, figures: Figures): Promise<void> {
  const value = (epsilon: number, most: number, name: string): number =>
    figures[`eps_${String(Math.round(100 * epsilon)).padStart(2, '0')}.m${most}.${name}`]!.value;
  const lines = (name: string, x: (epsilon: number) => number): readonly Line[] =>
    mostHoles.map((most) => ({
      name: `at most ${most} ${most === 1 ? 'hole' : 'holes'}`,
      points: epsilons.map((epsilon) => [x(epsilon), value(epsilon, most, name)] as const),
    }));
  const tail: Line = {
    name: 'tails alone',
    points: epsilons.map((epsilon) => [epsilon, value(epsilon, 1, 'kept_tail_only')] as const),
  };
  const promise: Line = {
    name: 'promised',
    points: [
      [0.7, 0.7],
      [0.95, 0.95],
    ],
    dashed: true,
  };
  await mkdir(folder, { recursive: true });
  const coverage = lineChart({
    title: 'Share of suggestions that allow the truth',
    below: '1 − ε',
    xs: [0.65, 1],
    ys: [0.65, 1],
    lines: [...lines('coverage', (it) => 1 - it), promise],
  });
  const kept = lineChart({
    title: 'Share of text kept',
    below: 'ε',
    xs: [0, 0.35],
    ys: [0, 1],
    lines: [...lines('kept', (it) => it), tail],
  });
  await writeFile(path.join(folder, 'holes-coverage.svg'), coverage);
  await writeFile(path.join(folder, 'holes-kept.svg'), kept);
}
