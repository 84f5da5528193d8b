/** Two pictures of the promise: coverage against 1 - ε, and text kept against ε. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Figures } from '../benchmark.js';
import { epsilons, mostHoles } from './measure-place.js';

const WIDTH = 480;
const HEIGHT = 320;
const EDGE = 48;
const colors = ['#1b6ca8', '#c8553d', '#3a7d44', '#777777'];

interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export async function writePictures(folder: string, figures: Figures): Promise<void> {
  const value = (epsilon: number, most: number, name: string): number =>
    figures[`eps_${String(Math.round(100 * epsilon)).padStart(2, '0')}.m${most}.${name}`]!.value;
  const lines = (name: string, x: (epsilon: number) => number): readonly Line[] =>
    mostHoles.map((most) => ({
      name: `at most ${most} ${most === 1 ? 'hole' : 'holes'}`,
      points: epsilons.map((epsilon) => [x(epsilon), value(epsilon, most, name)] as const),
    }));
  const tail = {
    name: 'tails alone',
    points: epsilons.map((epsilon) => [epsilon, value(epsilon, 1, 'kept_tail_only')] as const),
  };
  const promise = {
    name: 'promised',
    points: [
      [0.7, 0.7],
      [0.95, 0.95],
    ],
  } as const;
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'holes-coverage.svg'),
    chart(
      'Share of suggestions that allow the truth',
      '1 − ε',
      [0.65, 1],
      [0.65, 1],
      [...lines('coverage', (it) => 1 - it), promise],
    ),
  );
  await writeFile(
    path.join(folder, 'holes-kept.svg'),
    chart('Share of text kept', 'ε', [0, 0.35], [0, 1], [...lines('kept', (it) => it), tail]),
  );
}

type Range = readonly [from: number, to: number];

function chart(title: string, below: string, xs: Range, ys: Range, lines: readonly Line[]): string {
  const x = (value: number): number => EDGE + ((value - xs[0]) / (xs[1] - xs[0])) * (WIDTH - 2 * EDGE);
  const y = (value: number): number =>
    HEIGHT - EDGE - ((value - ys[0]) / (ys[1] - ys[0])) * (HEIGHT - 2 * EDGE);
  const at = (one: number): string => one.toFixed(1);
  const drawn = lines.map(({ name, points }, i) => {
    const color = colors[i % colors.length]!;
    const path = points.map(([px, py]) => `${at(x(px))},${at(y(py))}`).join(' ');
    const label = `<text x="${EDGE + 12}" y="${EDGE + 14 + 16 * i}" fill="${color}">${name}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${label}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const [px, py] = [xs[0] + part * (xs[1] - xs[0]), ys[0] + part * (ys[1] - ys[0])];
    return (
      `<text x="${at(x(px))}" y="${HEIGHT - EDGE + 16}" text-anchor="middle">${px.toFixed(2)}</text>` +
      `<text x="${EDGE - 6}" y="${at(y(py) + 4)}" text-anchor="end">${py.toFixed(2)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="14">${title}</text>`,
    `<path d="M${EDGE} ${EDGE}V${HEIGHT - EDGE}H${WIDTH - EDGE}" fill="none" stroke="black"/>`,
    ...ticks,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${below}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}
