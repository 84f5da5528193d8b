/** The door to the benchmarks as a process: exit codes, and the JSON form of each on a tiny corpus. Needs `npm run build`. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSourceGguf } from '../../models/evaluate/source-gguf.js';
import type { BenchReport, Figure } from './benchmark.js';

const root = path.resolve(import.meta.dirname, '../..');
const noRival =
  process.platform === 'linux' && process.arch === 'x64'
    ? noSourceGguf
    : ' (skipped: there is no llama.cpp to measure beside but on Linux, x64)';
/** A benchmark in its quick form takes less than a minute on a machine that has nothing else to do. */
const PATIENCE_MS = 10 * 60_000;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: readonly string[]): Promise<Run> {
  const command = ['--import', 'tsx', 'test/bench/bench.ts', ...args];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      command,
      { cwd: root, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      },
    );
  });
}

let corpus = '';
beforeAll(() => {
  corpus = mkdtempSync(path.join(tmpdir(), 'bench-corpus-'));
  mkdirSync(path.join(corpus, 'package'));
  const line = (index: number, end: string): string => `total${index} = price * ${index} + tax${end}`;
  const lines = (end: string, before: string): string =>
    Array.from({ length: 40 }, (_, index) => `${before}${line(index, end)}`).join('\n');
  writeFileSync(path.join(corpus, 'package/a.ts'), `${lines(';', 'export const ')}\n`);
  writeFileSync(path.join(corpus, 'package/b.py'), `${lines('', '')}\n`);
});
afterAll(() => {
  rmSync(corpus, { recursive: true });
});

async function quick(name: string): Promise<BenchReport> {
  const { code, stdout, stderr } = await bench(name, '--corpus', corpus, '--json', '--quick', '--seed', '5');
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as BenchReport;
  expect(Object.keys(report).sort()).toEqual(['bench', 'commit', 'corpus', 'figures', 'seed']);
  expect(report).toMatchObject({ bench: name, seed: 5, commit: expect.stringMatching(/./) });
  for (const [figure, value] of Object.entries(report.figures)) expect(isFigure(value), figure).toBe(true);
  return report;
}

function isFigure({ value, unit, n, low, high, ...rest }: Figure): boolean {
  const numbers = [value, n, ...(low === undefined ? [] : [low]), ...(high === undefined ? [] : [high])];
  return numbers.every(Number.isFinite) && typeof unit === 'string' && Object.keys(rest).length === 0;
}

describe('the door', () => {
  test.each([
    [['nothing'], /There is no benchmark nothing/],
    [['model', '--corpus', 'no/such/folder'], /no\/such\/folder does not exist/],
    [['model', '--minutes', 'many'], /--minutes needs a number/],
    [['model', '--minutes', '1', '--quick'], /exclude each other/],
    [['model', '--gguf', 'x'], /--gguf/],
  ])('%j is a wrong call: exit code 2, a sentence, nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('gpu measures no device that does not exist', async () => {
    const { code, stdout, stderr } = await bench('gpu', '--corpus', corpus, '--devices', 'abacus');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('“abacus” in --devices is no device');
  });

  test('--help names every benchmark', async () => {
    const { code, stdout } = await bench('--help');
    expect(code).toBe(0);
    for (const name of ['convert:', 'latency:', 'model:', 'soak:']) expect(stdout).toContain(name);
  });

  test(
    'without --json the figures are a table',
    async () => {
      const { code, stdout } = await bench('soak', '--corpus', corpus, '--quick');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^soak, commit .*\n\n/);
      expect(stdout).toMatch(/^rss_mb_last +[\d.]+ +MB +n \d+$/m);
    },
    PATIENCE_MS,
  );
});

describe('--quick --json', () => {
  test(
    'model',
    async () => {
      const { figures } = await quick('model');
      for (const language of ['typescript', 'python']) {
        for (const name of [
          'rest_of_line_exact',
          'rest_of_line_similarity',
          'middle_line_exact',
          'middle_line_similarity',
          'shown',
        ]) {
          const { value } = figures[`${language}.${name}`]!;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        expect(figures[`${language}.perplexity`]!.value).toBeGreaterThan(1);
        expect(figures).toHaveProperty([`${language}.ends_itself`]);
        expect(figures).toHaveProperty([`${language}.repeats_suffix`]);
      }
      expect(figures['exit_30.agreement']!.value).toBe(1);
      expect(figures['exit_15.agreement']!.value).toBeLessThan(1);
      expect(figures['exit_15.perplexity']!.value).toBeGreaterThan(figures['exit_30.perplexity']!.value);
      expect(Object.keys(figures).filter((name) => name.startsWith('tsx.'))).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'syntax',
    async () => {
      const { figures } = await quick('syntax');
      for (const language of ['typescript', 'python']) {
        expect(figures[`${language}.completeness`]!.value).toBe(1);
        expect(figures[`${language}.shown`]!.n).toBe(2);
        for (const name of ['exact_free', 'exact_constrained', 'shown', 'lost_to_silence', 'off_share']) {
          const { value } = figures[`${language}.${name}`]!;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }
      expect(figures.overhead_share!.value).toBeGreaterThan(0);
      expect(figures.overhead_share!.value).toBeLessThan(1);
    },
    PATIENCE_MS,
  );

  test(
    'convert',
    async () => {
      const { figures } = await quick('convert');
      expect(figures.mb_per_s!.value).toBeGreaterThan(0);
      expect(figures.peak_rss_mb!.value).toBeGreaterThan(20);
      expect(figures.peak_rss_mb!.value).toBeLessThan(1500);
      // The benchmark's own random file: Q8_0 is exact, the Q4_K of feed-forward matrices is not.
      const { exact_tensors: exact, requantised_tensors: rounded } = figures;
      expect(rounded!.value).toBeGreaterThan(0);
      expect(exact!.value).toBeGreaterThan(0);
      expect(exact!.value + rounded!.value).toBe(exact!.n);
      expect(figures.perplexity_ratio!.value).toBeGreaterThan(0.9);
      expect(figures.perplexity_ratio!.value).toBeLessThan(1.1);
    },
    PATIENCE_MS,
  );

  // llama.cpp's weights are a download of 98 MB: where they are not there, only a machine that tests may fetch them.
  test.skipIf(noRival)(
    `latency${noRival}`,
    async () => {
      const { figures } = await quick('latency');
      const names = [
        'bits',
        'decode_ratio',
        'prompt_ratio',
        'decode_ratio_source',
        'main_delay_ms_p99',
        'rss_mb',
      ];
      for (const name of names) expect(figures[name]?.value, name).toBeGreaterThan(0);
      // The same weights: greedy tokens of both are alike at first, and mostly throughout.
      expect(figures.identical_tokens_source!.value).toBeGreaterThan(0);
      expect(figures.identical_tokens_source!.value).toBeLessThanOrEqual(1);
    },
    PATIENCE_MS,
  );
});
