/** A picture of a few lines over the same axes, as SVG: legible in light and dark editors, since it brings its paper. */

const WIDTH = 480;
const HEIGHT = 320;
const EDGE = 48;
const colors = ['#1b6ca8', '#c8553d', '#3a7d44', '#8a5a9e', '#b5892b', '#2f8f8f', '#777777'];

export interface Line {
  readonly name: string;
  /** From left to right. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Something to hold the others against, drawn without marks. */
  readonly dashed?: boolean;
}

type Range = readonly [from: number, to: number];

export interface LineChart {
  readonly title: string;
  /** What stands below the axis. */
  readonly below: string;
  readonly xs: Range;
  readonly ys: Range;
  readonly lines: readonly Line[];
}

export function lineChart({ title, below, xs, ys, lines }: LineChart): string {
  const x = (value: number): number => EDGE + ((value - xs[0]) / (xs[1] - xs[0])) * (WIDTH - 2 * EDGE);
  const y = (value: number): number =>
    HEIGHT - EDGE - ((value - ys[0]) / (ys[1] - ys[0])) * (HEIGHT - 2 * EDGE);
  const at = (one: number): string => one.toFixed(1);
  const drawn = lines.map(({ name, points, dashed = false }, i) => {
    const color = dashed ? '#777777' : colors[i % colors.length]!;
    const placed = points.map(([px, py]) => [at(x(px)), at(y(py))] as const);
    const path = placed.map((point) => point.join(',')).join(' ');
    const marks = placed.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${color}"/>`);
    const label = `<text x="${EDGE + 12}" y="${EDGE + 14 + 16 * i}" fill="${color}">${escaped(name)}</text>`;
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`,
      ...(dashed ? [] : marks),
      label,
    ].join('');
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
    `<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="14">${escaped(title)}</text>`,
    `<path d="M${EDGE} ${EDGE}V${HEIGHT - EDGE}H${WIDTH - EDGE}" fill="none" stroke="black"/>`,
    ...ticks,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(below)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
