/** What a request knows of its program's errors, held against the whole file as tree-sitter reads it. */
import { expect, test } from 'vitest';
import { programSyntax } from '../../language-server/decoding/program-syntax.js';
import { parseErrors } from '../../syntax/parse-errors.js';
import { parseText } from '../../syntax/parsed-text.js';
import { pick, randomFor } from '../bench/random.js';
import { countErrors, mutant } from '../bench/syntax-judges.js';
import { denseSamples } from '../support/dense-samples.js';
import { grammarOf } from '../support/grammars.js';

test.each(['typescript', 'python'])('%s: errors are counted as the benchmark counts them', async (name) => {
  const language = await grammarOf(name);
  const random = randomFor(7, name);
  let broken = 0;
  for (let i = 0; i < 60; i++) {
    const text = mutant(mutant(pick(denseSamples(name), random)!.text, random), random);
    using parsed = parseText(language, text);
    const errors = parseErrors(parsed);
    expect(errors, text).toBe(countErrors(language, text));
    if (0 < errors) broken++;
  }
  expect(broken).toBeGreaterThan(10);
});

const before = 'export const s: S = {\n    name: "n",\n    ';
const after =
  '\n        return (\n            <F g={2}>\n                <C {...d} />\n            </F>\n        );\n    },\n};\n';

test.each([
  ['what the file lacks', after, true, 'c() {', false],
  ['a bracket that nothing closes', after, true, 'type: [', true],
  ['the same where nobody asked for sound text', after, false, 'type: [', false],
  ['anything where the file is sound', '\n};\n', true, 'type: [', false],
])('%s', async (_, rest, constrained, written, worse) => {
  const program = { languageId: 'typescriptreact', before, after: rest };
  using syntax = programSyntax(await grammarOf('tsx'), program, '', constrained)!;
  expect(syntax.worsens(written)).toBe(worse);
});
