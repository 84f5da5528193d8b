/** Calibrating a model on packages: one place a file, languages in turn, cells for each most holes, going on after a stop. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calibrateBundle } from '../../language-server/completion/calibrate-bundle.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readCalibration } from '../../language-server/holes/calibration-file.js';
import { grammarOf } from '../support/grammars.js';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'candor-bundle-places-'));
const corpus = path.join(scratch, 'corpus');

beforeAll(() => {
  for (const name of ['npm__@scope+one-1.2.3', 'pypi__two-0.5']) {
    mkdirSync(path.join(corpus, name), { recursive: true });
    for (let i = 0; i < 8; i++) {
      const typed = [1, 2].map((n) => `export function f${n}() {\n  run(${i});\n}\n`).join('');
      writeFileSync(path.join(corpus, name, `f${i}.ts`), typed);
      writeFileSync(path.join(corpus, name, `g${i}.py`), `def g${i}():\n    run(${i})\n`);
    }
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

test('promises are computed for each language, ε and most holes, and a stopped run goes on', async () => {
  const writer = scriptedWriter([{ after: '', drafts: ['run(0);'] }]);
  const unfinished = path.join(scratch, 'places.jsonl');
  const calibration = {
    ...{ corpus, unfinished, engine: engineOf(writer), settings: defaultSettings },
    ...{ holes: [1, 2], epsilons: [0.2, 0.3], places: 12, probes: [] },
    languageOf: (id: string) => grammarOf(id),
  };
  const heard: string[] = [];
  const note = (_: number, file: string) => void heard.push(file);
  const early = await calibrateBundle(calibration, () => heard.length === 6, note);
  // Languages take turns, so that an early end leaves as many places of each.
  expect(heard.filter((file) => file.endsWith('.py'))).toHaveLength(3);
  expect(early.file.promises).toEqual([]);
  const asked = writer.requests.length;
  expect(asked).toBe(6);

  heard.length = 0;
  const { file, reports } = await calibrateBundle(calibration, () => false, note);
  expect(writer.requests.length - asked).toBe(24 - 6);
  expect(new Set(heard).size, 'one place a file').toBe(24);
  expect(reports).toHaveLength(2 * 2 * 2);
  const cells = file.promises.map(({ language, epsilon, holes, places }) => [
    language,
    epsilon,
    holes,
    places,
  ]);
  expect(cells).toEqual(
    ['python', 'typescript'].flatMap((language) =>
      [1, 2].flatMap((holes) => [0.2, 0.3].map((epsilon) => [language, epsilon, holes, 12])),
    ),
  );
  expect(file.computedOn).toBe('2 published packages, one place a file: @scope/one 1.2.3, two 0.5.');
  expect(readCalibration(JSON.stringify(file))).toEqual(file);
  expect(readFileSync(unfinished, 'utf8')).not.toContain(scratch);
});
