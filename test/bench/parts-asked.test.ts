/** What of the gpu benchmark a run measures. */
import { expect, test } from 'vitest';
import { WrongArguments } from './benchmark.js';
import { partsAsked } from './gpu/parts-asked.js';

const named = { coder: 'coder', gguf: 'model.gguf' };

test('all that is named, or the parts that are asked for', () => {
  expect(partsAsked({})).toEqual({ bundle: true, coder: undefined, gguf: undefined });
  expect(partsAsked(named)).toEqual({ bundle: true, ...named });
  expect(partsAsked({ ...named, parts: 'gguf' })).toEqual({
    bundle: false,
    coder: undefined,
    gguf: 'model.gguf',
  });
  expect(partsAsked({ ...named, parts: 'bundle, coder' })).toEqual({
    bundle: true,
    coder: 'coder',
    gguf: undefined,
  });
});

test.each([
  [{ parts: 'abacus' }, '“abacus” in --parts is no part; there are bundle, coder, gguf.'],
  [{ parts: 'bundle,coder' }, '--parts asks for coder: name it with --coder.'],
  [{ rounds: '0' }, '--rounds needs a whole number above zero, not 0.'],
  [{ cpu: 'yes' }, '--cpu takes no, not yes.'],
  [{ llama: 'metal' }, '--llama takes vulkan or cuda, not metal.'],
])('%j is refused', (options, message) => {
  expect(() => partsAsked(options)).toThrow(new WrongArguments(message));
});
