/** Whether a long day leaves something behind: memory, handles and processes over a long replay of typing. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultSettings } from '../../language-server/default-settings.js';
import type { Benchmark, BenchContext, Figure } from './benchmark.js';
import { replay } from './latency/replay.js';
import { startServerProcess } from './latency/server-process.js';
import { typingScripts } from './latency/typing-script.js';

const root = path.resolve(import.meta.dirname, '../..');
const shippedBundle = path.join(root, 'models/smollm2-135m');
/** Without `--minutes`. */
const DEFAULT_MINUTES = 10;
/** The share of the run after which everything is warm: caches are filled, code is compiled. */
const WARM = 0.25;

/** One look at the server, after each script. */
interface Look {
  readonly minutes: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly handles: number;
  readonly children: number;
  /** Analysis servers, their memory together, and the most texts that one of them holds open. */
  readonly servers: number;
  readonly serversMb: number;
  readonly texts: number;
}

export const soak: Benchmark = {
  name: 'soak',
  summary:
    'memory, handles, child processes and analysis servers of the real server over a long replay of typing.',
  options: { bundle: 'folder of a bundle; else the one that ships' },
  async run(context) {
    const looks = await run(context);
    const warm = looks.slice(Math.floor(looks.length * WARM));
    const last = looks.at(-1)!;
    const figure = (value: number, unit: string): Figure => ({ value, unit, n: looks.length });
    return {
      minutes: figure(last.minutes, 'min'),
      rss_mb_first: figure(looks[0]!.rssMb, 'MB'),
      rss_mb_last: figure(last.rssMb, 'MB'),
      rss_mb_most: figure(Math.max(...looks.map(({ rssMb }) => rssMb)), 'MB'),
      rss_growth_mb_per_hour: figure(slope(warm, ({ rssMb }) => rssMb) * 60, 'MB/h'),
      heap_growth_mb_per_hour: figure(slope(warm, ({ heapMb }) => heapMb) * 60, 'MB/h'),
      handles_first: figure(looks[0]!.handles, 'handles'),
      handles_last: figure(last.handles, 'handles'),
      child_processes_last: figure(last.children, 'processes'),
      analysis_servers_most: figure(Math.max(...looks.map(({ servers }) => servers)), 'processes'),
      analysis_servers_last: figure(last.servers, 'processes'),
      analysis_texts_most: figure(Math.max(...looks.map(({ texts }) => texts)), 'texts'),
      analysis_texts_last: figure(last.texts, 'texts'),
      analysis_mb_most: figure(Math.max(...looks.map(({ serversMb }) => serversMb)), 'MB'),
      analysis_mb_last: figure(last.serversMb, 'MB'),
      analysis_growth_mb_per_hour: figure(slope(warm, ({ serversMb }) => serversMb) * 60, 'MB/h'),
    };
  },
};

async function run({ files, budget, seed, options, progress }: BenchContext): Promise<readonly Look[]> {
  const minutes = budget.quick ? 0.2 : (budget.minutes ?? DEFAULT_MINUTES);
  const scripts = typingScripts(files, 200, seed);
  if (scripts.length === 0) throw new Error('No file of the corpus has a run of lines worth typing.');
  const server = await startServerProcess({
    settings: defaultSettings,
    trusted: true,
    defaultBundle: path.resolve(root, options.bundle ?? shippedBundle),
    grammars: path.join(root, 'dist/grammars'),
  });
  const start = performance.now();
  const looks: Look[] = [];
  try {
    for (let turn = 0; looks.length < 2 || performance.now() - start < minutes * 60_000; turn++) {
      const script = scripts[turn % scripts.length]!;
      await replay(budget.quick ? { ...script, edits: script.edits.slice(0, 12) } : script, server);
      const { memory, handles, servers } = await server.probe();
      looks.push({
        minutes: (performance.now() - start) / 60_000,
        rssMb: memory.rss / 2 ** 20,
        heapMb: (memory.heapUsed + memory.external) / 2 ** 20,
        handles,
        children: childrenOf(server.pid),
        servers: servers.length,
        serversMb: servers.reduce((sum, { pid }) => sum + megabytesOf(pid), 0),
        texts: Math.max(0, ...servers.map(({ texts }) => texts)),
      });
      progress(lineOf(looks.at(-1)!, minutes));
    }
  } finally {
    await server.stop();
  }
  return looks;
}

function lineOf({ minutes, rssMb, handles, servers, serversMb, texts }: Look, wanted: number): string {
  const analysis = `${servers} analysis servers with ${serversMb.toFixed(0)} MB and ${texts} texts`;
  return `soak: ${minutes.toFixed(1)} of ${wanted} minutes, ${rssMb.toFixed(0)} MB, ${handles} handles, ${analysis}.`;
}

/** Least squares: how much `value` grows in a minute. 0 for a single look. */
function slope(looks: readonly Look[], value: (look: Look) => number): number {
  const meanTime = looks.reduce((sum, look) => sum + look.minutes, 0) / looks.length;
  const meanValue = looks.reduce((sum, look) => sum + value(look), 0) / looks.length;
  const covariance = looks.reduce(
    (sum, look) => sum + (look.minutes - meanTime) * (value(look) - meanValue),
    0,
  );
  const variance = looks.reduce((sum, look) => sum + (look.minutes - meanTime) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

/** Processes whose parent is `pid`; NaN where the system does not tell, so that no figure is made up. */
function childrenOf(pid: number): number {
  try {
    const parents = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => parentOf(name));
    return parents.filter((parent) => parent === pid).length;
  } catch {
    return NaN;
  }
}

/** Undefined for a process that has just ended. */
function parentOf(process: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${process}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Resident memory of a process; NaN where the system does not tell, 0 for one that has just ended. */
function megabytesOf(pid: number): number {
  if (process.platform !== 'linux') return NaN;
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
