/** A server that ends by itself is started again a few times, not for ever. */
import { expect, test } from 'vitest';
import { createRestartPolicy } from '../../extension/restart-policy.js';

const minute = 60_000;

test('three ends of late are borne, the fourth is not', () => {
  const policy = createRestartPolicy();
  const seen = [0, 1, 2, 3].map((end) => policy.ended(end * 1000));
  expect(seen).toEqual([
    { restart: true, ends: 1 },
    { restart: true, ends: 2 },
    { restart: true, ends: 3 },
    { restart: false, ends: 4 },
  ]);
});

test('ends that lie far apart are borne for ever', () => {
  const policy = createRestartPolicy();
  for (let end = 0; end < 20; end++) expect(policy.ended(end * 3 * minute).restart).toBe(true);
});

test('a restart by the user forgets the past', () => {
  const policy = createRestartPolicy();
  for (let end = 0; end < 4; end++) policy.ended(end);
  policy.forget();
  expect(policy.ended(5)).toEqual({ restart: true, ends: 1 });
});
