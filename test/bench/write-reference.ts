/**
 * Keeps a report as reference result and renders docs/bench.md and its plots from all that are kept:
 * `npm run -s bench -- NAME … --json | node --import tsx test/bench/write-reference.ts "NAME …"`, where the words in
 * quotes are those given to the benchmark. Without words and input it only renders.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from './benchmark.js';
import { rendered, type Reference } from './reference-page.js';
import { draftsPlot, ratioPlot, sharesPlot } from './plots.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'docs/bench');
const page = path.join(root, 'docs/bench.md');
const plots: Readonly<Record<string, (report: BenchReport) => string>> = {
  drafts: draftsPlot,
  latency: ratioPlot,
  model: sharesPlot,
};

/** The machine in words: what it is, not what it is called, and how busy it was of late. */
function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const kind = `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memory} GiB`;
  const load = `load average ${loadavg()[2]!.toFixed(1)} over the last 15 minutes`;
  return `${kind}, ${process.platform}, Node ${process.versions.node}, ${load}`;
}

/** All kept references, by name of benchmark. */
export function readReferences(): readonly Reference[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Reference);
}

/** What the kept references make of the page and its plots, by path below docs/. */
export function renderAll(): Readonly<Record<string, string>> {
  const references = readReferences();
  const drawn = references.flatMap(({ report }) => {
    const plot = plots[report.bench]?.(report);
    return plot === undefined ? [] : [[`bench/${report.bench}.svg`, plot] as const];
  });
  return { 'bench.md': rendered(readFileSync(page, 'utf8'), references), ...Object.fromEntries(drawn) };
}

async function main(words: string | undefined): Promise<void> {
  if (words !== undefined) {
    const report = JSON.parse(await text(process.stdin)) as BenchReport;
    const reference: Reference = { command: `npm run -s bench -- ${words}`, machine: machine(), report };
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${report.bench}.json`), `${JSON.stringify(reference, null, 2)}\n`);
  }
  for (const [file, contents] of Object.entries(renderAll()))
    writeFileSync(path.join(root, 'docs', file), contents);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
