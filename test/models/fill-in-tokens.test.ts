/** The tokens by which published models fill in, recognised by their spelling, or named by the file. */
import { expect, test } from 'vitest';
import { describePrompt } from '../../models/manage/describe-model.js';
import type { SourceVocabulary } from '../../models/convert/model-source.js';
import { promptOf } from '../../models/convert/prompt-format.js';

/** A vocabulary with such tokens behind a few others, all of them markup but the first two. */
function vocabulary(tokens: readonly string[]): SourceVocabulary {
  const all = ['a', 'b', '<s>', ...tokens];
  return {
    kind: 'byte-level',
    tokens: all,
    merges: [],
    preTokenizer: 'gpt-2',
    controlTokens: all.map((_, id) => id).slice(2),
    endOfText: [2],
  };
}

test.each([
  ['Qwen', ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>']],
  ['StarCoder, Granite', ['<fim_prefix>', '<fim_suffix>', '<fim_middle>']],
  ['CodeLlama', ['▁<PRE>', '▁<SUF>', '▁<MID>']],
  ['DeepSeek', ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>']],
])('of %s', (family, tokens) => {
  const prompt = promptOf(vocabulary([tokens[2]!, tokens[0]!, '<other>', tokens[1]!]));
  const [prefix, suffix, middle] = tokens;
  expect(prompt.fillInTheMiddle).toEqual({ prefix, suffix, middle, order: 'prefix-first' });
  expect(describePrompt(prompt)).toBe(`fills in with ${tokens.join(' ')} (as ${family})`);
});

test('two of three are none', () => {
  const prompt = promptOf(vocabulary(['<|fim_prefix|>', '<|fim_suffix|>']));
  expect(prompt.fillInTheMiddle).toBeNull();
  expect(describePrompt(prompt)).toMatch(/writes on only/);
});

test('those that the file names come before those that are spelled so', () => {
  const own = vocabulary(['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<p>', '<s1>', '<m>']);
  const { fillInTheMiddle } = promptOf({ ...own, fillInTheMiddle: [6, 7, 8] });
  expect(fillInTheMiddle).toMatchObject({ prefix: '<p>', suffix: '<s1>', middle: '<m>' });
});
