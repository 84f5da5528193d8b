/** docs/bench.md: prose by hand, and between two marks a table for each kept reference result. */
import type { BenchReport, Figure } from './benchmark.js';
import { shown } from './figure-table.js';

export interface Reference {
  readonly command: string;
  /** In words. */
  readonly machine: string;
  readonly report: BenchReport;
}

/** The page with every `<!-- NAME -->…<!-- end -->` filled from the reference of that benchmark. */
export function rendered(page: string, references: readonly Reference[]): string {
  return page.replaceAll(/<!-- ([a-z]+) -->\n[^]*?<!-- end -->/g, (_, name: string) => {
    const reference = references.find(({ report }) => report.bench === name);
    const body = reference ? table(reference) : 'Not measured yet.\n';
    return `<!-- ${name} -->\n${body}<!-- end -->`;
  });
}

function table({ command, machine, report }: Reference): string {
  const rows = Object.entries(report.figures).map(
    ([name, figure]) => `| \`${name}\` | ${valueOf(figure)} | ${figure.n} |`,
  );
  return [
    '```sh',
    command,
    '```',
    '',
    `Commit ${report.commit}; corpus ${report.corpus}; seed ${report.seed}; ${machine}.`,
    '',
    '| figure | value | n |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function valueOf({ value, unit, low, high }: Figure): string {
  const interval = low === undefined || high === undefined ? '' : ` (${shown(low)} to ${shown(high)})`;
  return `${shown(value)}${unit === '1' ? '' : ` ${unit}`}${interval}`;
}
