/** Calibrations on disk: read back as written, refused when they are for something else, set aside when damaged. */
import { appendFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { budgets } from '../../language-server/holes/calibrate.js';
import { promiseFor, type CalibrationFile } from '../../language-server/holes/calibration-file.js';
import {
  keepPlace,
  keptPlaces,
  loadCalibration,
  saveCalibration,
  type JudgedPlace,
} from '../../language-server/holes/calibration-store.js';

const calibration: CalibrationFile = {
  version: 1,
  bundle: 'toy 1',
  pipeline: 'abc',
  computedOn: 'two packages',
  date: '2026-01-31',
  promises: [
    {
      language: 'python',
      grammar: 'python 1',
      epsilon: 0.1,
      delta: 0.1,
      holes: 2,
      budget: 0.25,
      places: 200,
      mistakes: 9,
      kept: 0.4,
    },
    {
      language: 'python',
      grammar: 'python 1',
      epsilon: 0.05,
      delta: 0.1,
      holes: 2,
      budget: 'not-attainable',
      places: 200,
      mistakes: 0,
      kept: 0,
    },
  ],
};
const wanted = {
  bundle: 'toy 1',
  pipeline: 'abc',
  language: 'python',
  grammar: 'python 1',
  epsilon: 0.1,
  holes: 2,
};

const folder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'candor-holes-'));

describe('a calibration on disk', () => {
  test('comes back as it was written', async () => {
    const file = path.join(await folder(), 'deep', 'calibration.json');
    expect(await loadCalibration(file)).toEqual({ kind: 'absent' });
    await saveCalibration(file, calibration);
    expect(await loadCalibration(file)).toEqual({ kind: 'file', file: calibration });
    expect(await readdir(path.dirname(file))).toEqual(['calibration.json']);
  });

  test.each([
    ['half a file', '{"version": 1, "bun'],
    ['another version', JSON.stringify({ ...calibration, version: 2 })],
    [
      'a budget below zero',
      JSON.stringify({ ...calibration, promises: [{ ...calibration.promises[0], budget: -1 }] }),
    ],
    ['an unknown field', JSON.stringify({ ...calibration, extra: 1 })],
    ['nothing', ''],
  ])('%s is set aside with its text, and named', async (_, text) => {
    const file = path.join(await folder(), 'calibration.json');
    await writeFile(file, text);
    const loaded = await loadCalibration(file);
    expect(loaded.kind).toBe('damaged');
    if (loaded.kind !== 'damaged') return;
    expect(loaded.why).toMatch(/^The calibration is not .+\S$/);
    expect(await readFile(loaded.movedTo!, 'utf8')).toBe(text);
    expect(await loadCalibration(file)).toEqual({ kind: 'absent' });
  });
});

describe('a promise', () => {
  test('is found for exactly what was calibrated', () => {
    expect(promiseFor(calibration, wanted)).toMatchObject({ kind: 'promise', budget: 0.25 });
  });

  test.each([
    [{ ...wanted, grammar: 'python 2' }, /grammar of python has changed/],
    [{ ...wanted, bundle: 'toy 2' }, /for the model toy 1/],
    [{ ...wanted, pipeline: 'abd' }, /have changed/],
    [{ ...wanted, language: 'go' }, /Nothing was calibrated for go/],
    [{ ...wanted, epsilon: 0.2 }, /Nothing was calibrated/],
    [{ ...wanted, holes: 1 }, /Nothing was calibrated/],
    [{ ...wanted, epsilon: 0.05 }, /not attainable/],
  ])('is none for %j', (other, why) => {
    const found = promiseFor(calibration, other);
    expect(found.kind).toBe('none');
    expect(found.kind === 'none' && found.why).toMatch(why);
  });
});

test('an interrupted calibration goes on with the places it had judged, but for one cut off', async () => {
  const file = path.join(await folder(), 'places.jsonl');
  const place = (id: string): JudgedPlace => ({
    id,
    language: 'python',
    group: 'a',
    holes: 1,
    outcome: { wrong: budgets.map(() => false), kept: budgets.map(() => 2), ink: 3 },
  });
  expect(await keptPlaces(file)).toEqual([]);
  await keepPlace(file, place('one'));
  await appendFile(file, `\n${JSON.stringify(place('two')).slice(0, 40)}`);
  await keepPlace(file, place('three'));
  expect((await keptPlaces(file)).map(({ id }) => id)).toEqual(['one', 'three']);
});
