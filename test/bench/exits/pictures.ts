/** The picture of stopping: precision of the surest suggestions, by the share that is shown, for both scores. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { precisionAt, scores, type Places } from './figures.js';

const WIDTH = 480;
const HEIGHT = 320;
const EDGE = 48;
const lines = [
  { name: 'stop model', score: scores.sure, color: '#1b6ca8' },
  { name: 'mean log-probability', score: scores.logProb, color: '#c8553d' },
];

export async function writePictures(folder: string, places: Places): Promise<void> {
  const offered = places.filter(({ result }) => result.full.text !== '');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'exits-precision.svg'), precisionPicture(offered));
}

function precisionPicture(places: Places): string {
  const x = (share: number): string => (EDGE + share * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (precision: number): string => (HEIGHT - EDGE - precision * (HEIGHT - 2 * EDGE)).toFixed(1);
  const steps = Array.from({ length: 19 }, (_, at) => (at + 2) / 20);
  const drawn = lines.map(({ name, score, color }, index) => {
    const points = steps.map((share) => `${x(share)},${y(precisionAt(places, share, score))}`).join(' ');
    const label = `<text x="${WIDTH - EDGE - 150}" y="${EDGE + 14 + 16 * index}" fill="${color}">${name}</text>`;
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2"/>${label}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<text x="${x(part)}" y="${HEIGHT - EDGE + 16}" text-anchor="middle">${part}</text>` +
      `<text x="${EDGE - 6}" y="${y(part)}" text-anchor="end">${part}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="14">Precision of the surest suggestions (${places.length} places)</text>`,
    `<path d="M${EDGE} ${EDGE}V${HEIGHT - EDGE}H${WIDTH - EDGE}" fill="none" stroke="black"/>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">share shown</text>`,
    ...ticks,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}
