/**
 * How well the recogniser knows each language: agreement with tree-sitter, true beginnings accepted, refusals that
 * tree-sitter confirms, and what a check costs; then what the constraint does to the model's suggestions.
 */
import { defaultSettings } from '../../language-server/default-settings.js';
import { languages } from '../../syntax/languages.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarNames, grammarOf } from '../support/grammars.js';
import type { BenchContext, Benchmark, Figure, Figures } from './benchmark.js';
import type { CorpusFile } from './corpus.js';
import { integerBelow, randomFor } from './random.js';
import { quantile } from './statistics.js';
import { measureCosts, type Costs } from './syntax-costs.js';
import { agrees, hasError, mutant, readingOf, showCut } from './syntax-judges.js';
import { missingWitness } from './syntax-miner.js';
import { compareSuggestions } from './syntax-model.js';
import { counterexamples, type Soundness } from './syntax-soundness.js';

/** Cuts of one file, and of one in a quick run. */
const CUTS = 400;
const QUICK_CUTS = 40;
const QUICK_FILES = 4;
/** A model writes tokens of up to so many characters past what was typed. */
const LONGEST_PIECE = 12;
const MUTANTS = 2;
/** Places of each language at which the model writes. */
const PLACES = 1_000;
/** Of the minutes, when the model writes as well. */
const RECOGNISER_SHARE = 0.3;

interface FileResult {
  readonly agreed: number;
  readonly compared: number;
  readonly accepted: number;
  readonly cuts: number;
  /** Missing witnesses, with where they were missed. */
  readonly missing: readonly string[];
  readonly soundness: Soundness;
  readonly costs: Costs;
}

export const syntax: Benchmark = {
  name: 'syntax',
  summary:
    'fidelity to tree-sitter, completeness, soundness and cost of the syntax constraint; suggestions with and without it',
  options: {
    files: 'most files of each language for the recogniser; 0: without that part; else all',
    places: `places of each language at which the model writes; 0: without the model; else ${PLACES}`,
    prompt: 'most tokens of a prompt for the model, where time is short; else as in the product',
    bundle: 'folder of a bundle; else the one that ships',
  },
  async run(context) {
    const places = wholeNumber('places', PLACES, context);
    const promptTokens = wholeNumber('prompt', defaultSettings.promptTokens, context);
    const files = wholeNumber('files', context.budget.quick ? QUICK_FILES : Infinity, context);
    const share = places === 0 ? 1 : files === 0 ? 0 : RECOGNISER_SHARE;
    const figures = files === 0 ? {} : await recogniserFigures(files, share, context);
    if (places === 0) return figures;
    return { ...figures, ...(await compareSuggestions(context, { places, promptTokens }, 1 - share)) };
  },
};

function wholeNumber(name: string, byDefault: number, { options }: BenchContext): number {
  const given = options[name];
  const value = given === undefined ? byDefault : Number(given);
  if (given !== undefined && (!Number.isInteger(value) || value < 0)) {
    throw new Error(`--${name} needs a whole number, not ${given}.`);
  }
  return value;
}

async function recogniserFigures(most: number, share: number, context: BenchContext): Promise<Figures> {
  const known = context.files.filter((file) => grammarNames.includes(file.language));
  const cases = firstOfEach(known, most).map((file) => ({
    id: file.path,
    file,
  }));
  const measured = await context.measureEach(
    'recogniser',
    cases,
    async ({ file }) => measureFile(await grammarOf(file.language), file, context),
    share,
  );
  const figures: Record<string, Figure> = {};
  for (const name of grammarNames) {
    const results = measured.filter(({ of }) => of.file.language === name).map(({ result }) => result);
    Object.assign(figures, figuresOf(name, results), await denseFigure(name));
    for (const missing of new Set(results.flatMap((result) => result.missing)))
      context.progress(`${name} lacks ${missing}`);
    for (const end of results.flatMap(({ soundness }) => soundness.unknown))
      context.progress(`${name}: accepted, but no error-free file was found after ${JSON.stringify(end)}`);
  }
  warnOfIncomplete(figures, context);
  return figures;
}

function measureFile(
  language: SyntaxLanguage,
  { path, text }: CorpusFile,
  context: BenchContext,
): FileResult {
  const random = randomFor(context.seed, path);
  const variants = [text, ...Array.from({ length: MUTANTS }, () => mutant(text, random))];
  const agreed = variants.filter((variant) => agrees(language, variant)).length;
  const compared = variants.length;
  const none = { refused: 0, refuted: 0, accepted: 0, completed: 0, disputed: 0, unknown: [] };
  if (hasError(language, text)) {
    return {
      agreed,
      compared,
      accepted: 0,
      cuts: 0,
      missing: [],
      soundness: none,
      costs: measureCosts(undefined),
    };
  }
  const reading = readingOf(language, text);
  const cuts = Array.from({ length: context.budget.quick ? QUICK_CUTS : CUTS }, () =>
    integerBelow(text.length + 1, random),
  ).sort((a, b) => a - b);
  const refused = cuts.filter((cut) => !reading.acceptsUpTo(cut, integerBelow(LONGEST_PIECE + 1, random)));
  return {
    agreed,
    compared,
    accepted: cuts.length - refused.length,
    cuts: cuts.length,
    missing: refused.map(
      (cut) =>
        `${JSON.stringify(missingWitness(language, text, cut) ?? 'no witness')} after ${showCut(text, cut)}`,
    ),
    soundness: counterexamples(language, text, random),
    costs: measureCosts({ language, text, random }),
  };
}

function figuresOf(name: string, results: readonly FileResult[]): Figures {
  if (results.length === 0) return {};
  const sum = (of: (result: FileResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const share = (part: number, whole: number): Figure => ({
    value: whole === 0 ? NaN : part / whole,
    unit: '1',
    n: whole,
  });
  const micros = (of: (costs: Costs) => readonly number[]): Figure => {
    const values = results.flatMap(({ costs }) => of(costs));
    return { value: quantile(values, 0.5), unit: 'us', n: values.length };
  };
  const accepted = sum(({ soundness }) => soundness.accepted);
  const refused = sum(({ soundness }) => soundness.refused);
  return {
    [`${name}.fidelity`]: share(
      sum(({ agreed }) => agreed),
      sum(({ compared }) => compared),
    ),
    [`${name}.completeness`]: share(
      sum(({ accepted }) => accepted),
      sum(({ cuts }) => cuts),
    ),
    [`${name}.counterexamples`]: {
      value: sum(({ soundness }) => soundness.refuted + soundness.disputed),
      unit: '1',
      n: refused + accepted,
    },
    [`${name}.accepted_completed`]: share(
      sum(({ soundness }) => soundness.completed),
      accepted,
    ),
    [`${name}.accept_us_p50`]: micros(({ acceptMicros }) => acceptMicros),
    [`${name}.refuse_us_p50`]: micros(({ refuseMicros }) => refuseMicros),
    [`${name}.open_us_p50`]: micros(({ openMicros }) => openMicros),
    [`${name}.edit_us_p50`]: micros(({ editMicros }) => editMicros),
    [`${name}.join_us_p50`]: micros(({ joinMicros }) => joinMicros),
  };
}

/** Every position of the dense samples. */
async function denseFigure(name: string): Promise<Figures> {
  const language = await grammarOf(name);
  let positions = 0;
  let accepted = 0;
  for (const { text } of denseSamples(name)) {
    const reading = readingOf(language, text);
    for (let cut = 0; cut <= text.length; cut++, positions++) {
      if (reading.acceptsUpTo(cut, cut % (LONGEST_PIECE + 1))) accepted++;
    }
  }
  return { [`${name}.dense_completeness`]: { value: accepted / positions, unit: '1', n: positions } };
}

function firstOfEach(files: readonly CorpusFile[], count: number): readonly CorpusFile[] {
  const seen = new Map<string, number>();
  return files.filter(({ language }) => {
    const before = seen.get(language) ?? 0;
    seen.set(language, before + 1);
    return before < count;
  });
}

/** A language below 99.9 % must be off by default. */
function warnOfIncomplete(figures: Figures, { progress }: BenchContext): void {
  for (const { grammar, constrained } of Object.values(languages)) {
    const completeness = figures[`${grammar}.completeness`] ?? figures[`${grammar}.dense_completeness`];
    if (completeness && constrained && completeness.value < 0.999) {
      progress(`${grammar} is constrained by default with a completeness of only ${completeness.value}`);
    }
  }
}
