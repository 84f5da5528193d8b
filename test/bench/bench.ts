/** The door to all benchmarks: `npm run -s bench -- NAME --corpus DIR [--json] [--minutes N | --quick] [--seed N]`. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WrongArguments, type Benchmark, type BenchReport, type Figures } from './benchmark.js';
import { budgetOf } from './budget.js';
import { commitOf } from './commit.js';
import { readCorpus } from './corpus.js';
import { figureTable } from './figure-table.js';
import { keptResults, shardOf, type Shard } from './kept-results.js';

/** Each benchmark is loaded only when asked for, since some need native libraries that others do without. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  drafts: async () => (await import('./drafts.js')).drafts,
  convert: async () => (await import('./convert.js')).convert,
  gpu: async () => (await import('./gpu.js')).gpu,
  exits: async () => (await import('./exits.js')).exits,
  holes: async () => (await import('./holes.js')).holes,
  latency: async () => (await import('./latency.js')).latency,
  model: async () => (await import('./model.js')).model,
  monitors: async () => (await import('./monitors.js')).monitors,
  soak: async () => (await import('./soak.js')).soak,
  syntax: async () => (await import('./syntax.js')).syntax,
};

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const defaultSeed = 20_261;
const defaultCorpus = '.cache/corpus/test';
const fetchCommand = 'node test/bench/fetch-corpus.mjs';

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(await help());
    return;
  }
  const load = benchmarks[name];
  if (!load) {
    throw new WrongArguments(
      `There is no benchmark ${name}; there are ${Object.keys(benchmarks).join(', ')}.`,
    );
  }
  const benchmark = await load();
  const given = parsed(rest, benchmark);
  const named = given.corpus ?? defaultCorpus;
  const corpus = path.resolve(root, named);
  if (!existsSync(corpus)) {
    throw new WrongArguments(
      given.corpus === undefined
        ? `Give a folder of source files with --corpus, or make the default one with \`${fetchCommand}\`.`
        : `The corpus folder ${given.corpus} does not exist.`,
    );
  }
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const files = await readCorpus(corpus, given.seed);
  progress(`${name}: ${files.length} files in ${named}, seed ${given.seed}.`);
  const commit = commitOf(root);
  const budget = budgetOf(given);
  const kept = keptResults(path.join(root, '.cache/bench'), { name, commit, files, ...given }, given.shard);
  const figures = await benchmark.run({
    corpus,
    files,
    seed: given.seed,
    budget,
    progress,
    options: given.options,
    measureEach: kept.measureEach(budget, progress),
  });
  const report: BenchReport = {
    bench: name,
    commit,
    corpus: named,
    seed: given.seed,
    figures: finite(figures, progress),
  };
  process.stdout.write(given.json ? `${JSON.stringify(report, null, 2)}\n` : figureTable(report));
}

/** A figure over no case at all has no value: it is left out, and said so. */
function finite(figures: Figures, progress: (line: string) => void): Figures {
  const kept = Object.entries(figures).filter(([, { value }]) => Number.isFinite(value));
  const left = Object.keys(figures).filter((name) => !kept.some(([other]) => other === name));
  if (left.length > 0) progress(`No case gave a value for ${left.join(', ')}.`);
  return Object.fromEntries(kept);
}

interface Given {
  readonly corpus: string | undefined;
  readonly json: boolean;
  readonly quick: boolean;
  readonly minutes: number | undefined;
  readonly shard: Shard | undefined;
  readonly seed: number;
  readonly options: Readonly<Record<string, string | undefined>>;
}

function parsed(args: readonly string[], benchmark: Benchmark): Given {
  const own = Object.fromEntries(
    Object.keys(benchmark.options).map((it) => [it, { type: 'string' as const }]),
  );
  const values = parsedValues(args, own);
  const number = (name: string): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!(value > 0)) throw new WrongArguments(`--${name} needs a number above zero, not ${String(text)}.`);
    return value;
  };
  const minutes = number('minutes');
  if (minutes !== undefined && values.quick === true) {
    throw new WrongArguments('--quick and --minutes exclude each other.');
  }
  const text = (name: string): string | undefined =>
    typeof values[name] === 'string' ? values[name] : undefined;
  const named = text('shard');
  const shard = named === undefined ? undefined : shardOf(named);
  if (named !== undefined && (!shard || values.quick === true)) {
    throw new WrongArguments('--shard needs K/N, such as 1/2, and no --quick.');
  }
  return {
    corpus: text('corpus'),
    json: values.json === true,
    quick: values.quick === true,
    minutes,
    shard,
    seed: Math.floor(number('seed') ?? defaultSeed),
    options: Object.fromEntries(Object.keys(benchmark.options).map((it) => [it, text(it)])),
  };
}

function parsedValues(
  args: readonly string[],
  own: Readonly<Record<string, { readonly type: 'string' }>>,
): Readonly<Record<string, string | boolean | undefined>> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...own,
        corpus: { type: 'string' },
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        minutes: { type: 'string' },
        shard: { type: 'string' },
        seed: { type: 'string' },
      },
    });
    return values;
  } catch (problem) {
    throw new WrongArguments(problem instanceof Error ? problem.message : String(problem));
  }
}

async function help(): Promise<string> {
  const lines = [
    'npm run -s bench -- NAME --corpus DIR [--json] [--minutes N | --quick] [--seed N]',
    '',
    `  --corpus DIR   any folder of source files; without it ${defaultCorpus}, which`,
    `                 \`${fetchCommand}\` makes`,
    '  --json         the figures as JSON on stdout; else a table',
    '  --minutes N    stop after N minutes; a further run goes on with the same cases',
    '  --shard K/N    only every Nth case, from the Kth on; N processes share a run, and one',
    '                 more without it tells the figures of all that is kept',
    '  --quick        only show that the benchmark runs; nothing is kept',
    '  --seed N       chooses the cases and their order',
    '',
  ];
  for (const [name, load] of Object.entries(benchmarks)) {
    const benchmark = await load();
    lines.push(`${name}: ${benchmark.summary}`);
    for (const [option, meaning] of Object.entries(benchmark.options))
      lines.push(`  --${option}  ${meaning}`);
  }
  return `${lines.join('\n')}\n`;
}

try {
  await main(process.argv.slice(2));
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exitCode = problem instanceof WrongArguments ? 2 : 1;
}
