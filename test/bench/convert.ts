/** What adding a model costs: speed and peak memory of a conversion, and how much worse the bundle foresees code. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sourceGguf } from '../../models/evaluate/source-gguf.js';
import { randomGguf } from '../models/random-gguf.js';
import type { Benchmark, BenchContext, Figures } from './benchmark.js';
import type { Converted } from './convert/convert-once.js';
import { perplexityOf } from './model/perplexity.js';
import { meanFigure, perplexityFigure, quantileFigure } from './statistics.js';

const root = path.resolve(import.meta.dirname, '../..');
const sizes = { full: { runs: 5, files: 40 }, quick: { runs: 1, files: 1 } };
/** Of larger files no float32 bundle is made to compare with. */
const MOST_FOR_PERPLEXITY = 1.5e9;

export const convert: Benchmark = {
  name: 'convert',
  summary:
    'speed and peak memory of converting a GGUF file; tensors exact and rounded; perplexity over float32.',
  options: { gguf: 'the file to convert; else the one that the shipped model was trained from' },
  async run(context) {
    const { budget, progress, options } = context;
    const size = budget.quick ? sizes.quick : sizes.full;
    const folder = mkdtempSync(path.join(tmpdir(), 'candor-bench-convert-'));
    try {
      const file = fileOf(options.gguf, budget.quick, folder, progress);
      const cases = Array.from({ length: size.runs }, (_, index) => ({ id: `run ${index}` }));
      const bundle = path.join(folder, 'kept');
      const runs = await context.measureEach(
        'conversions',
        cases,
        () => inProcess(file, bundle, 'kept'),
        0.4,
      );
      const results = runs.map(({ result }) => result);
      const speeds = results.map(({ megabytes, seconds }, run) => ({
        value: megabytes / seconds,
        cluster: `${run}`,
      }));
      const [first] = results;
      return {
        mb_per_s: meanFigure(speeds, 'MB/s', context.seed),
        peak_rss_mb: quantileFigure(
          results.map(({ peakMegabytes }) => peakMegabytes),
          1,
          'MB',
        ),
        exact_tensors: { value: first!.exact, unit: 'tensors', n: first!.exact + first!.requantised },
        requantised_tensors: {
          value: first!.requantised,
          unit: 'tensors',
          n: first!.exact + first!.requantised,
        },
        ...(statSync(file).size < MOST_FOR_PERPLEXITY &&
          (await perplexityRatio(file, bundle, folder, context))),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function fileOf(
  given: string | undefined,
  quick: boolean,
  folder: string,
  progress: (line: string) => void,
): string {
  if (given !== undefined) return path.resolve(root, given);
  if (!quick) return sourceGguf(progress);
  const file = path.join(folder, 'random.gguf');
  writeFileSync(
    file,
    randomGguf({ family: 'qwen2', type: (matrix) => (matrix.includes('ffn') ? 'Q4_K' : 'Q8_0') }),
  );
  return file;
}

async function inProcess(file: string, folder: string, format: string): Promise<Converted> {
  const command = [
    '--import',
    'tsx',
    path.join(root, 'test/bench/convert/convert-once.ts'),
    file,
    folder,
    format,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
  return JSON.parse(stdout) as Converted;
}

/** Perplexity of the bundle as it is added over that of the same weights in float32, on the same tokens. */
async function perplexityRatio(
  file: string,
  bundle: string,
  folder: string,
  { files, budget, seed, progress, measureEach }: BenchContext,
): Promise<Figures> {
  progress('convert: the same model in float32, to compare with.');
  const reference = path.join(folder, 'fp32');
  await inProcess(file, reference, 'fp32');
  // A run that goes on has its timings from before, and no bundle.
  await inProcess(file, bundle, 'kept');
  const most = budget.quick ? sizes.quick.files : sizes.full.files;
  const cases = files.slice(0, most).map(({ path: name, text }) => ({ id: name, text }));
  const models = [await perplexityOf(reference), await perplexityOf(bundle)] as const;
  const read = await measureEach(
    'perplexity',
    cases,
    async ({ text }) => {
      const [before, after] = [await models[0].read(text), await models[1].read(text)];
      return { surprise: after.surprise - before.surprise, tokens: after.tokens };
    },
    0.6,
  );
  for (const model of models) await model.close();
  const samples = read.map(({ of, result }) => ({
    value: result.surprise,
    count: result.tokens,
    cluster: of.id,
  }));
  return { perplexity_ratio: perplexityFigure(samples, seed) };
}
