/** Plots of reference results as SVG: bars with their intervals, and nothing else. */
import type { BenchReport, Figure } from './benchmark.js';
import { shown } from './figure-table.js';

interface Bar {
  readonly label: string;
  readonly figure: Figure;
}

const WIDTH = 720;
const LABEL = 300;
const ROW = 26;
const TOP = 44;
const BOTTOM = 30;
/** Room after the longest bar for its value. */
const VALUE = 60;

/** Ours over llama.cpp's: below the line at 1 we are faster. */
export function ratioPlot({ figures }: BenchReport): string {
  const labels = {
    decode_ratio: 'a token, same bits',
    decode_ratio_source: 'a token, GGUF as users have it',
    prompt_ratio: 'reading a prompt, same bits',
    prompt_ratio_source: 'reading a prompt, GGUF as users have it',
  };
  const bars = Object.entries(labels).flatMap(([name, label]) =>
    figures[name] ? [{ label, figure: figures[name] }] : [],
  );
  return plot('Time of our engine over llama.cpp’s, same threads (below 1: ours is faster)', bars, 1);
}

/** Shares of lines written again exactly, by language. */
export function sharesPlot({ figures }: BenchReport): string {
  const bars = Object.entries(figures).flatMap(([name, figure]) =>
    name.endsWith('_line_exact') ? [{ label: name.replace('.', ': ').replaceAll('_', ' '), figure }] : [],
  );
  return plot('Share of lines written exactly as they were (95 % intervals over files)', bars);
}

/** What three drafts cost in decoding, beside one. */
export function draftsPlot({ figures }: BenchReport): string {
  const ways = ['superposed', 'branches', 'beams', 'nucleus', 'first_token'];
  const bars = [3, 5].flatMap((k) =>
    ways.flatMap((way) => {
      const time = figures[`${way}${k}.decode_time_ratio`];
      return time ? [{ label: `${k} drafts, ${way.replace('_', ' ')}`, figure: time }] : [];
    }),
  );
  return plot('Time of decoding several drafts over that of one of the same length', bars, 1);
}

/** Horizontal bars; `mark` draws a line at a value worth comparing with. */
function plot(title: string, bars: readonly Bar[], mark?: number): string {
  const most = Math.max(...bars.map(({ figure }) => figure.high ?? figure.value), mark ?? 0) || 1;
  const x = (value: number): string => (LABEL + (value / most) * (WIDTH - LABEL - VALUE)).toFixed(1);
  const height = TOP + bars.length * ROW + BOTTOM;
  const rows = bars.map(({ label, figure }, index) => {
    const y = TOP + index * ROW;
    const middle = y + ROW / 2;
    const whisker =
      figure.low === undefined || figure.high === undefined
        ? ''
        : `<path d="M${x(figure.low)} ${middle}H${x(figure.high)}" stroke="#222" stroke-width="1.5"/>`;
    const end = x(Math.max(figure.value, figure.high ?? 0));
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${label}</text>`,
      `<rect x="${LABEL}" y="${y + 4}" width="${(Number(x(figure.value)) - LABEL).toFixed(1)}" height="${ROW - 8}" fill="#5b8db8"/>`,
      whisker,
      `<text x="${Number(end) + 6}" y="${middle + 4}">${shown(figure.value)}</text>`,
    ].join('');
  });
  const line =
    mark === undefined
      ? ''
      : `<path d="M${x(mark)} ${TOP - 4}V${height - BOTTOM + 4}" stroke="#c0392b" stroke-dasharray="4 3"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="12" y="24" font-weight="bold">${title}</text>
${rows.join('\n')}
${line}
</svg>
`;
}
