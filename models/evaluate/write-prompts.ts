/** Writes the prompts of the golden files: `node --import tsx models/evaluate/write-prompts.ts FILE` (seed 2). */
import { writeFileSync } from 'node:fs';
import { codePassages } from './code-passages.js';
import { fetchPackages } from './fetch-packages.js';

/** More than a hundred, for the recipe leaves out those that are too short. */
const COUNT = 160;
const CHARACTERS = 700;

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write.');
const prompts = codePassages(fetchPackages(), COUNT, 2).map(
  ({ language, file: from, before, after, cases }) => {
    // Half of the prompts end with a line, half in the middle of one.
    const [start, end] = cases[0]!;
    const text = before + (before.length % 2 === 0 ? '' : after.slice(0, Math.floor((start + end) / 2)));
    return { language, file: from, text: text.slice(text.indexOf('\n', text.length - CHARACTERS) + 1) };
  },
);
writeFileSync(file, `${JSON.stringify(prompts, null, 1)}\n`);
