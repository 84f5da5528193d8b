/**
 * Perplexity and next-line exact match of bundles, case by case beside each other:
 * `node --import tsx models/evaluate/compare-formats.ts --cases N FOLDER...`, the first folder being the reference.
 * Scores are kept in .cache/evaluate and not computed twice.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES_A_PASSAGE, codePassages, LANGUAGES, type CodePassage } from './code-passages.js';
import { readEncoder } from './encoder.js';
import { CACHE, fetchPackages } from './fetch-packages.js';
import { scorePassage, type PassageScore } from './score-passage.js';
import { loadWholeText } from './whole-text.js';

/** One thread: programs that share the processor make two wait for each other. */
const THREADS = 1;

async function scores(folder: string, passages: readonly CodePassage[]): Promise<PassageScore[]> {
  const model = await loadWholeText(folder, THREADS);
  const identity = model.bundle.files.find((entry) => entry.file === 'block-0.bin')!.sha256.slice(0, 12);
  const log = join(CACHE, `scores-${model.bundle.weights}-${identity}.jsonl`);
  const known = existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as PassageScore)
    : [];
  const encoder = readEncoder(folder);
  for (let index = known.length; index < passages.length; index++) {
    const score = await scorePassage(model, encoder, passages[index]!);
    appendFileSync(log, `${JSON.stringify(score)}\n`);
    known.push(score);
    if (index % 50 === 49)
      console.error(`${model.bundle.weights}: ${index + 1} of ${passages.length} passages`);
  }
  await model.release();
  return known.slice(0, passages.length);
}

function perplexity(results: readonly PassageScore[]): number {
  const sum = results.reduce((total, { logProb }) => total + logProb, 0);
  return Math.exp(-sum / results.reduce((total, { tokens }) => total + tokens, 0));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: 'string', default: '1000' } },
});
mkdirSync(CACHE, { recursive: true });
const passages = codePassages(fetchPackages(), Math.ceil(Number(values.cases) / CASES_A_PASSAGE));
const count = passages.reduce((sum, passage) => sum + passage.cases.length, 0);
console.log(`${count} cases in ${passages.length} passages, seed 1`);
console.log(
  '| weights | perplexity | against the first | next line exact | ' +
    LANGUAGES.map((l) => `${l} ppl / exact`).join(' | ') +
    ' |',
);
console.log('| --- '.repeat(4 + LANGUAGES.length) + '|');
let reference: number | undefined;
for (const folder of positionals) {
  const results = await scores(folder, passages);
  const overall = perplexity(results);
  reference ??= overall;
  const exact = (of: readonly PassageScore[]): string => {
    const cases = of.flatMap((score) => score.exact);
    return `${((100 * cases.filter(Boolean).length) / cases.length).toFixed(1)} %`;
  };
  const columns = LANGUAGES.map((language) => {
    const own = results.filter((_, index) => passages[index]!.language === language);
    return `${perplexity(own).toFixed(3)} / ${exact(own)}`;
  });
  const change = `${(100 * (overall / reference - 1)).toFixed(2)} %`;
  console.log(
    `| ${folder.split('/').at(-1)} | ${overall.toFixed(4)} | ${change} | ${exact(results)} | ${columns.join(' | ')} |`,
  );
}
