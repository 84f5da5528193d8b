/** The recogniser and tree-sitter say the same about whole files, right and wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isCompleteFile } from '../../syntax/complete-file.js';
import { randomFor } from '../bench/random.js';
import { agrees, hasError, mutant } from '../bench/syntax-judges.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarNames, grammarOf } from '../support/grammars.js';

const MUTANTS = 40;

test.each(grammarNames)('%s: dense samples and mutants of them', async (name) => {
  const language = await grammarOf(name);
  const random = randomFor(1, name);
  let broken = 0;
  for (const { title, text } of denseSamples(name)) {
    expect(hasError(language, text), title).toBe(false);
    expect(isCompleteFile(language, text), title).toBe(true);
    for (let i = 0; i < MUTANTS; i++) {
      const wrong = mutant(text, random);
      expect(agrees(language, wrong), JSON.stringify(wrong)).toBe(true);
      if (hasError(language, wrong)) broken++;
    }
  }
  expect(broken).toBeGreaterThan(0);
});

describe('real files', () => {
  const folder = path.resolve(import.meta.dirname, '../../syntax');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));

  test.each(files)('%s', async (file) => {
    const language = await grammarOf('typescript');
    const text = readFileSync(path.join(folder, file), 'utf8');
    const random = randomFor(2, file);
    expect(isCompleteFile(language, text)).toBe(true);
    for (let i = 0; i < 4; i++) {
      const wrong = mutant(text, random);
      expect(agrees(language, wrong), `mutant ${i}`).toBe(true);
    }
  });
});
