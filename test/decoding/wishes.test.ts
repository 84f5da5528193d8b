/** How deep drafts are read to be judged or closed: as deep as a request allows, however early its tokens may leave. */
import { expect, test } from 'vitest';
import { depthOf } from '../../language-server/decoding/wishes.js';
import { fullDepth } from '../../language-server/inference/exit-policies.js';
import type { WriteRequest } from '../../language-server/decoding/write-request.js';
import { scriptedModel } from '../support/scripted-model.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const model = { ...scriptedModel(toyTokenizer(['a']).vocabulary, () => new Map()), layers: 4, exits: [2, 4] };

test('a cap holds for it, if it is an exit before the last', () => {
  const depth = (exit?: number) => depthOf(exit === undefined ? {} : { exit }, model);
  expect([2, 3, 4].filter((layer) => depth(2).watches(layer))).toEqual([2]);
  expect([depth(), depth(3), depth(4)]).toEqual([fullDepth, fullDepth, fullDepth]);
});

test('early exits do not', () => {
  const early: Pick<WriteRequest, 'exits'> = { exits: { rule: 'margin', at: 0.5 } };
  expect(depthOf(early, model)).toBe(fullDepth);
});
