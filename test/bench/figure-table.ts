/** Figures for a person to read. */
import type { BenchReport, Figure } from './benchmark.js';

export function figureTable(report: BenchReport): string {
  const rows = Object.entries(report.figures).map(([name, figure]) => [
    name,
    shown(figure.value),
    figure.unit === '1' ? '' : figure.unit,
    interval(figure),
    `n ${figure.n}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[1]!) : cell.padEnd(widths[column] ?? 0)))
      .join('  '),
  );
  return `${report.bench}, commit ${report.commit}, corpus ${report.corpus}, seed ${report.seed}\n\n${lines.join('\n')}\n`;
}

/** Four significant digits are more than any of these measurements carries. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}

function interval({ low, high }: Figure): string {
  return low === undefined || high === undefined ? '' : `[${shown(low)}, ${shown(high)}]`;
}
