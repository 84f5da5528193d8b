/** When the worker is asked to judge drafts by the text after the cursor. */
import { expect, test } from 'vitest';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';
import { editorAt } from '../support/editor-at.js';
import type { Settings } from '../../language-server/protocol.js';

const fim = { prefix: '<p>', suffix: '<s>', middle: '<m>' };

/** Whether a request asked for it. */
async function asked(
  mode: 'automatic' | 'explicit',
  settings: Partial<Settings>,
  fillInTheMiddle: typeof fim | null = null,
): Promise<boolean> {
  const writer = scriptedWriter([{ after: '= ', drafts: ['1'] }]);
  const engine = engineOf(writer);
  const model = { ...engine.model, prompt: { ...engine.model.prompt, fillInTheMiddle } };
  await editorAt('const a = ▮\nf();\n', { ...engine, model }, settings).ask(mode);
  return writer.requests[0]!.rescore === true;
}

test.each([
  ['off', false, false],
  ['explicit', false, true],
  ['always', true, true],
] as const)('%s', async (rescore, automatic, explicit) => {
  expect([await asked('automatic', { rescore }), await asked('explicit', { rescore })]).toEqual([
    automatic,
    explicit,
  ]);
});

test('a request says whether the model was told what follows', async () => {
  const told = async (fillInTheMiddle: typeof fim | null): Promise<boolean> => {
    const writer = scriptedWriter([{ after: '= ', drafts: ['1'] }]);
    const engine = engineOf(writer);
    const model = { ...engine.model, prompt: { ...engine.model.prompt, fillInTheMiddle } };
    await editorAt('const a = ▮\nf();\n', { ...engine, model }).ask('explicit');
    return writer.requests[0]!.fillsIn;
  };
  expect([await told(fim), await told(null)]).toEqual([true, false]);
});

test('not of models that see it anyway, and not with holes, whose promises are about other suggestions', async () => {
  expect(await asked('explicit', { rescore: 'always' }, fim)).toBe(false);
  expect(await asked('explicit', { rescore: 'always', holes: 0.2 })).toBe(false);
});
