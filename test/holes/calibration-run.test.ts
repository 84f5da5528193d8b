/** Calibration on a person's own files: which places are asked about, and what comes of the answers. */
import { describe, expect, test } from 'vitest';
import {
  byNewest,
  chanceFor,
  placesIn,
  type SourceFile,
} from '../../language-server/completion/calibration-places.js';
import {
  askAt,
  judge as judgePlaceOf,
  promiseOf,
  reportOn,
  reportText,
} from '../../language-server/completion/calibration-run.js';
import type { Writer } from '../../language-server/decoding/write-request.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { budgets } from '../../language-server/holes/calibrate.js';
import type { JudgedPlace } from '../../language-server/holes/calibration-store.js';
import { grammarOf } from '../support/grammars.js';
import { engineOf } from '../support/scripted-writer.js';

const text = `import { a } from 'a';

export function first(x: number) {
  // a comment is no place
  const doubled = x * 2;
  return list.map((one) => {
    const inner = one + doubled;
    return inner;
  });
}

class Thing {
  run(): void {
    this.steps.forEach(step);
  }
}
`;

const file = (path: string, changed: number, content = text): SourceFile => ({
  path,
  languageId: 'typescript',
  text: content,
  changed,
});

describe('places', () => {
  test('are one line of each innermost function, taken out from some column on', async () => {
    const language = await grammarOf('typescript');
    for (let i = 0; i < 50; i++) {
      const places = placesIn(file('/a.ts', 1), language, chanceFor(String(i)));
      expect(places).toHaveLength(2);
      const [inner, run] = places;
      expect(
        ['const inner = one + doubled;', 'return inner;'].some((line) => line.endsWith(inner!.truth)),
      ).toBe(true);
      expect('this.steps.forEach(step);'.endsWith(run!.truth)).toBe(true);
      for (const { before, truth, after } of places) {
        expect(before + truth + after).toBe(text);
        expect(truth.trim()).not.toBe('');
      }
    }
  });

  test('are the same for the same file, and one for a file without functions', async () => {
    const language = await grammarOf('typescript');
    const ids = () => placesIn(file('/a.ts', 1), language, chanceFor('/a.ts')).map(({ id }) => id);
    expect(ids()).toEqual(ids());
    const script = file('/b.ts', 1, 'const a = 1;\nconst b = a + 1;\n');
    expect(placesIn(script, language, chanceFor('b')).map(({ truth }) => truth.length)).toHaveLength(1);
    expect(placesIn(file('/c.ts', 1, ''), language, chanceFor('c'))).toEqual([]);
    expect(placesIn(file('/d.ts', 1, 'function ( {\n  x;\n}\n'), language, chanceFor('d'))).toEqual([]);
  });

  test('come from newer files first', () => {
    const files = byNewest([file('/old.ts', 1), file('/new.ts', 3), file('/b.ts', 2), file('/a.ts', 2)]);
    expect(files.map(({ path }) => path)).toEqual(['/new.ts', '/a.ts', '/b.ts', '/old.ts']);
  });
});

/** Writes one text wherever it is asked, each character a token of so many nats. */
function writing(text: string, nats: number): Writer {
  const cost = { promptTokens: 1, reusedTokens: 0, steps: 1, promptMs: 1, decodeMs: 1, totalMs: 2 };
  const tokens = Array.from(text, (unit) => ({ token: 1, text: unit, logProb: -nats, exit: 30 }));
  const draft = { text, tokens, logProb: -nats * text.length, ending: 'line' } as const;
  return { write: () => Promise.resolve({ drafts: [draft], cost, trace: [] }) };
}

describe('a place', () => {
  const place = {
    id: 'p',
    file: file('/a.ts', 1),
    before: 'function f() {\n  ',
    truth: 'call(a, b);',
    after: '\n}\n',
  };
  const judge = async (writer: Writer, at = place) => {
    const { signal } = new AbortController();
    const language = await grammarOf('typescript');
    const asked = await askAt(at, language, engineOf(writer), defaultSettings, signal);
    return asked && judgePlaceOf(at, asked, 2);
  };

  test('is right at every budget when the model writes the truth', async () => {
    const judged = await judge(writing('call(a, b);', 0.1));
    expect(judged).toMatchObject({ id: 'p', language: 'typescript', group: '/a.ts', holes: 2 });
    expect(judged!.outcome.wrong).not.toContain(true);
    expect(judged!.outcome.kept.at(-1)).toBe(10);
    expect(judged!.outcome.kept[0]).toBe(0);
  });

  test('is wrong from the budget on at which the wrong name is shown', async () => {
    const { outcome } = (await judge(writing('call(a, c);', 0.1)))!;
    expect(outcome.wrong[0]).toBe(false);
    expect(outcome.wrong.at(-1)).toBe(true);
  });

  test('has no outcome where the file does not parse', async () => {
    expect(await judge(writing('call(a);', 0.1), { ...place, truth: 'call(;' })).toBeUndefined();
  });

  test('is silent where the draft does not parse', async () => {
    const { outcome } = (await judge(writing('call(;', 0.1)))!;
    expect(outcome).toMatchObject({ ink: 0 });
  });
});

describe('a report', () => {
  const places = (count: number, wrong: number): readonly JudgedPlace[] =>
    Array.from({ length: count }, (_, i) => ({
      id: String(i),
      language: 'python',
      group: `file ${i % 20}`,
      holes: 2,
      outcome: {
        wrong: budgets.map((_, at) => i < wrong && 30 <= at),
        kept: budgets.map((_, at) => at),
        ink: budgets.length,
      },
    }));
  const asked = { epsilon: 0.1, delta: 0.1 };

  test('promises what was computed and says how it did on files held out', () => {
    const report = reportOn(places(200, 30), 'python', asked, chanceFor('halves'));
    expect(report.found).toMatchObject({ kind: 'budget', index: 29, mistakes: 0, places: 200 });
    expect(promiseOf(report, 2, 'python 1')).toMatchObject({
      language: 'python',
      holes: 2,
      places: 200,
      mistakes: 0,
    });
    expect(reportText(report)).toMatch(
      /^python, ε = 0.1, δ = 0.1: budget .* On files held out .*: wrong at 0 of 100/,
    );
  });

  test('refuses too few places with the number missing, and promises nothing', () => {
    const report = reportOn(places(21, 0), 'python', asked, chanceFor('halves'));
    expect(reportText(report)).toBe(
      'python, ε = 0.1, δ = 0.1: 21 places are too few; 1 more are needed. Nothing is promised.',
    );
    expect(promiseOf(report, 2, 'python 1')).toBeUndefined();
    expect(reportOn(places(21, 0), 'go', asked, chanceFor('halves')).found).toEqual({
      kind: 'too-few-places',
      places: 0,
      missing: 22,
    });
  });

  test('of one file holds nothing out', () => {
    const one = places(100, 0).map((place) => ({ ...place, group: 'only' }));
    expect(reportOn(one, 'python', asked, chanceFor('halves')).heldOut).toBeUndefined();
  });
});
