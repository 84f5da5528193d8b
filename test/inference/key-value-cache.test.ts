/** The cache by itself: rows stay what they are while it grows, shrinks and is compacted. */
import { describe, expect, test } from 'vitest';
import { TILE_ROWS } from '../../language-server/inference/attention-layout.js';
import { KeyValueCache } from '../../language-server/inference/key-value-cache.js';
import type { Feed } from '../../language-server/inference/onnx-session.js';
import { randomNumbers } from '../support/random-numbers.js';

const shape = { layers: 2, keyValueHeads: 3, headSize: 4 };
const WIDTH = shape.keyValueHeads * shape.headSize;

/** Stands for a tensor. */
interface Plain {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

function newCache(): KeyValueCache {
  return new KeyValueCache(shape, (data, dims) => ({ data, dims }) as unknown as Feed);
}

/** A graph's `kv_new` for some rows, all of whose numbers say where they belong. */
function freshRows(tags: readonly number[]): Float32Array {
  return Float32Array.from({ length: 2 * shape.layers * tags.length * WIDTH }, (_, index) => {
    const part = Math.floor(index / (tags.length * WIDTH));
    const tag = tags[Math.floor(index / WIDTH) % tags.length]!;
    return tag * 1000 + part * 100 + (index % WIDTH);
  });
}

/** What graphs are given of a row: as one of its tile, and as one of the past where it lies before `start`. */
function expectRow(cache: KeyValueCache, row: number, tag: number, start = 0): void {
  const inTile = row % TILE_ROWS;
  const layout = { start: row - inTile, before: inTile + 1, after: [], size: TILE_ROWS };
  const tile = cache.tile(0, shape.layers, layout, 0) as unknown as Plain;
  expect(tile.dims).toEqual([2 * shape.layers, shape.keyValueHeads, TILE_ROWS, shape.headSize]);
  const { rows, feeds } = cache.past(0, shape.layers, start);
  expect(rows).toBeGreaterThanOrEqual(start);
  for (const [part, name] of ['pk0', 'pv0', 'pk1', 'pv1'].entries()) {
    const past = (feeds as unknown as Record<string, Plain>)[name]!;
    expect(past.dims).toEqual([1, shape.keyValueHeads, rows, shape.headSize]);
    for (let i = 0; i < WIDTH; i++) {
      const head = Math.floor(i / shape.headSize);
      const inHead = i % shape.headSize;
      const value = tag * 1000 + part * 100 + i;
      const at = ((part * shape.keyValueHeads + head) * TILE_ROWS + inTile) * shape.headSize + inHead;
      expect(tile.data[at]).toBe(value);
      if (row < rows) expect(past.data[(head * rows + row) * shape.headSize + inHead]).toBe(value);
    }
  }
}

describe('KeyValueCache', () => {
  test('rows keep their places however the past grows and shrinks', () => {
    const cache = newCache();
    const random = randomNumbers(1);
    let used = 0;
    for (let round = 0; round < 40; round++) {
      const added = 1 + Math.floor(random() * 90);
      cache.reserve(used + added, used);
      const rows = Array.from({ length: added }, (_, i) => used + i);
      cache.write(0, 2, rows, freshRows(rows));
      used += added;
      if (random() < 0.4) {
        used = Math.floor(random() * used);
        cache.reserve(used, used);
      }
      for (const row of [0, Math.floor(used / 2), used - 1])
        if (0 <= row && row < used) expectRow(cache, row, row, used - (used % TILE_ROWS));
    }
  });

  test('compacting keeps the chosen rows, in order', () => {
    const cache = newCache();
    cache.reserve(20, 0);
    const rows = [...Array(20).keys()];
    cache.write(0, 2, rows, freshRows(rows));
    cache.compact(5, [6, 9, 10, 17]);
    [0, 1, 2, 3, 4, 6, 9, 10, 17].forEach((tag, row) => {
      expectRow(cache, row, tag);
    });
  });

  test('a far smaller text gives memory back', () => {
    const cache = newCache();
    cache.reserve(4000, 0);
    cache.past(0, shape.layers, 3968);
    const large = cache.bytes;
    cache.reserve(10, 10);
    expect(cache.past(0, shape.layers, 0).rows).toBe(0);
    expect(cache.bytes).toBeLessThan(large / 4);
  });
});
