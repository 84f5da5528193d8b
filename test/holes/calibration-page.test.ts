/** The page of a calibration: its picture says what its table says, and nothing is drawn that was not computed. */
import { describe, expect, test } from 'vitest';
import { calibrationPage } from '../../language-server/completion/calibration-page.js';
import { reportOn, type LanguageReport } from '../../language-server/completion/calibration-run.js';
import { budgets } from '../../language-server/holes/calibrate.js';

/** 100 places of 20 files: wrong at every fifth from budget 30 on, half of the text kept there. */
function report(language: string, epsilon: number, files = 20): LanguageReport {
  const places = Array.from({ length: 100 }, (_, i) => ({
    ...{ id: String(i), language, group: `file ${i % files}`, holes: 2 },
    outcome: {
      wrong: budgets.map((_, at) => i % 10 === 0 && 30 <= at),
      kept: budgets.map((_, at) => (at < 10 ? 0 : 5)),
      ink: 10,
    },
  }));
  let drawn = 0;
  return reportOn(places, language, { epsilon, delta: 0.1 }, () => (drawn++ * 0.618) % 1);
}

const page = (reports: readonly LanguageReport[]) =>
  calibrationPage('/my/code', 2, { places: 100, reports, file: '/kept/calibration.json' });

function pictures(markdown: string): readonly string[] {
  const found = markdown.matchAll(/!\[[^\]]+\]\(data:image\/svg\+xml;base64,([\w+/=]+)\)/g);
  return [...found].map(([, data]) => Buffer.from(data!, 'base64').toString());
}

describe('the page', () => {
  test('draws coverage against 1 − ε and text kept, a mark for each ε of each language', () => {
    const reports = ['python', 'typescript'].flatMap((name) => [0.1, 0.2, 0.3].map((e) => report(name, e)));
    const heldOut = reports.filter((one) => one.heldOut).length;
    expect(heldOut).toBe(6);
    const [coverage, kept] = pictures(page(reports));
    expect(coverage).toContain('>1 − ε<');
    expect(coverage).toContain('>promised<');
    expect(coverage!.match(/<circle/g)).toHaveLength(6);
    expect(kept).toContain('>python<');
    expect(kept!.match(/<circle/g)).toHaveLength(6);
  });

  test('draws where the marks belong', () => {
    const one = report('python', 0.2);
    const { mistakes, places, kept } = one.heldOut!;
    const [coverage, text] = pictures(page([one]));
    const mark = (svg: string) => /<circle cx="([\d.]+)" cy="([\d.]+)"/.exec(svg)!.slice(1).map(Number);
    const low = Math.min(0.8, 1 - mistakes / places) - 0.05;
    // The frame is 384 by 224, 48 from each edge.
    expect(mark(coverage!)[0]).toBeCloseTo(48 + (384 * (0.8 - low)) / (1 - low), 0);
    expect(mark(coverage!)[1]).toBeCloseTo(272 - (224 * (1 - mistakes / places - low)) / (1 - low), 0);
    expect(mark(text!)[1]).toBeCloseTo(272 - 224 * kept, 0);
  });

  test.each([
    ['one file', [report('python', 0.2, 1)]],
    ['too few places for any promise', [report('python', 0.001)]],
  ])('says why there is no picture: %s', (_, reports) => {
    const markdown = page(reports);
    expect(pictures(markdown)).toEqual([]);
    expect(markdown).toContain('There is no picture: too few files could be held out.');
  });

  test('promises nothing where nothing could be asked', () => {
    expect(page([])).toMatch(/no file here that a calibration could use. \*\*Nothing is promised\.\*\*/);
  });
});
