/** Rescoring on a scripted model: drafts end, and come in the order, in which the text after the cursor follows best. */
import { describe, expect, test } from 'vitest';
import { anything, type Constraint } from '../../language-server/constraints/constraint.js';
import { branches } from '../../language-server/decoding/drafting/branches.js';
import type { Draft } from '../../language-server/decoding/draft.js';
import { rescoringBy } from '../../language-server/decoding/rescoring/rescoring.js';
import { cappedAt } from '../../language-server/inference/exit-policies.js';
import { runScript, type TextScript } from '../support/scripted-decoding.js';
import { toyTokenizer } from '../support/toy-vocabulary.js';

const spellings = ['a', 'b', 'c', 'bc', ';', '\n', 'x', 'y'];
const rescoringFor = (after: string) => rescoringBy(after, toyTokenizer(spellings));

const text = 'a;\nb;\nc;';

/** Writes three lines and ends. A line that begins with `x` it expects after `place` alone. */
const lines =
  (place: string): TextScript =>
  (written): Readonly<Record<string, number>> => {
    if (written === `${place}\n`) return { x: 0.3, [text[written.length] ?? 'y']: 0.6 };
    if (!text.startsWith(written)) return { y: 0.9, x: 0.01 };
    if (written === text) return { '<end>': 0.6, '\n': 0.3 };
    return { x: 0.001, '\n': 0.01, [text[written.length]!]: 0.8 };
  };

/** May end after `;` alone. */
function statements(written = ''): Constraint {
  const constraint: Constraint = {
    ...anything,
    after: (text) => statements(written + text),
    mayEnd: () => written.endsWith(';'),
    answered: () => constraint,
  };
  return constraint;
}

describe('after which line a draft ends', () => {
  test('is where it is likelier that what follows the cursor follows, with its probability', async () => {
    const run = await runScript(spellings, lines('a;\nb;'), { rescoring: rescoringFor('\nx') });
    expect(run.drafts[0]).toMatchObject({ text: 'a;\nb;', ending: 'joins' });
    expect(run.drafts[0]!.logProb).toBeCloseTo(5 * Math.log(0.8), 4);
    expect(run.drafts[0]!.following).toBeCloseTo(Math.log(0.8 * 0.3), 4);
    const [entry] = run.trace.filter(({ kind }) => kind === 'rescored');
    expect(entry).toMatchObject({ text, kept: 'a;\nb;' });
    // Against the whole: a line end and `c;`, then a line end and `x` after them.
    const gained = entry?.kind === 'rescored' ? entry.gained : NaN;
    expect(gained).toBeCloseTo(
      1.5 * Math.log(0.8 * 0.3) - Math.log(0.8 * 0.6 * 0.8) - 1.5 * Math.log(0.3 * 0.01),
      4,
    );
    expect(run.rescored!.tokens).toBeGreaterThan(0);
  });

  test('is judged no deeper than the request allows', async () => {
    const depth = cappedAt(1);
    const run = await runScript(spellings, lines('a;\nb;'), { rescoring: rescoringFor('\nx'), depth });
    expect(run.depths.filter((policy) => policy === depth)).toEqual([run.depths.at(-1)]);
  });

  test('is its last where nothing else is likelier', async () => {
    const run = await runScript(spellings, lines(text), { rescoring: rescoringFor('\nx') });
    expect(run.drafts[0]).toMatchObject({ text, ending: 'end-of-text' });
    expect(run.trace).toEqual([]);
    expect(run.rescored!.tokens).toBeGreaterThan(0);
  });

  test('is before what the draft would only write twice', async () => {
    // The model writes what follows the cursor, and would gladly write it once more.
    const run = await runScript(
      spellings,
      (written): Readonly<Record<string, number>> =>
        written === 'a\nx' ? { '<end>': 0.5, '\n': 0.4 } : { ['a\nx\nx'[written.length] ?? 'c']: 0.8 },
      { rescoring: rescoringFor('\nx') },
    );
    expect(run.drafts[0]).toMatchObject({ text: 'a', ending: 'joins' });
  });

  test('is none after which the text may not end', async () => {
    const eager: TextScript = (written): Readonly<Record<string, number>> =>
      written.endsWith('\n') ? { x: 0.3, ['a\nb;'[written.length] ?? 'y']: 0.5 } : usual(written);
    const usual = (written: string) => ({ ['a\nb;'[written.length] ?? '<end>']: 0.8 });
    const free = await runScript(spellings, eager, { rescoring: rescoringFor('\nx') });
    const held = await runScript(spellings, eager, {
      rescoring: rescoringFor('\nx'),
      constraint: statements(),
    });
    expect([free.texts, held.texts]).toEqual([['a'], ['a\nb;']]);
  });

  test('is not looked for where there is no time, no other line, and nothing that follows', async () => {
    let steps = 0;
    const late = await runScript(spellings, lines('a;\nb;'), {
      rescoring: rescoringFor('\nx'),
      isLate: () => ++steps > text.length + 1,
    });
    const alone = await runScript(spellings, lines('a;\nb;'), { rescoring: rescoringFor(' \n\n') });
    const line = await runScript(spellings, lines('a;\nb;'), {
      rescoring: rescoringFor('\nx'),
      maxTokens: 2,
    });
    expect([late.texts, alone.texts, line.texts]).toEqual([[text], [text], ['a;']]);
    expect([late.rescored, alone.rescored, line.rescored?.tokens]).toEqual([undefined, undefined, 0]);
  });

  test('may lie inside a token: both are tokenised as they would stand in a file', async () => {
    const run = await runScript(
      [...spellings, ';\n'],
      (written): Readonly<Record<string, number>> =>
        written === 'a' ? { ';\n': 0.6, ';': 0.1 } : written === 'a;\n' ? { x: 0.2, b: 0.5 } : usual(written),
      { rescoring: rescoringBy('\nx', toyTokenizer([...spellings, ';\n'])) },
    );
    // What stands there and what follows share the token `;` with a line end: of that the model is as sure as it was.
    expect(run.drafts[0]).toMatchObject({ text: 'a;', ending: 'joins' });
    expect(run.drafts[0]!.logProb + run.drafts[0]!.following!).toBeCloseTo(Math.log(0.8 * 0.6 * 0.2), 4);

    function usual(written: string): Readonly<Record<string, number>> {
      return { ['a;\nb'[written.length] ?? '<end>']: 0.8 };
    }
  });
});

describe('in a later session', () => {
  const from = async (beginning: string): Promise<Draft> => {
    const { drafts } = await runScript(spellings, lines(text));
    let at = drafts[0]!;
    while (at.text !== beginning) at = at.previous!;
    return at;
  };
  const later = async (beginning: string, place: string) => {
    const script = lines(place);
    return runScript(spellings, (written) => script(beginning + written), {
      rescoring: rescoringFor('\nx'),
      from: await from(beginning),
    });
  };

  test('a draft may end where that session began: nothing of an earlier one is read', async () => {
    const { drafts } = await later('a;\nb;', 'a;\nb;');
    expect(drafts[0]).toMatchObject({ text: 'a;\nb;', ending: 'joins' });
    expect(drafts[0]!.following).toBeCloseTo(Math.log(0.8 * 0.3), 4);
  });

  test('but not before: there it cannot tell how well what follows the cursor goes on', async () => {
    expect((await runScript(spellings, lines('a;'), { rescoring: rescoringFor('\nx') })).texts).toEqual([
      'a;',
    ]);
    expect((await later('a;\nb', 'a;')).texts).not.toEqual(['a;']);
  });
});

describe('which of several drafts comes first', () => {
  const two: TextScript = (written): Readonly<Record<string, number>> => {
    if (written === '') return { a: 0.6, b: 0.3 };
    if (written.endsWith(';')) return { '<end>': 0.5, x: written === 'b;' ? 0.4 : 0.001 };
    return { ';': 0.9 };
  };

  test('is the one that what follows goes on from; without rescoring the likelier one', async () => {
    const several = { width: 2, drafting: branches, constraint: statements() };
    const plain = await runScript(spellings, two, several);
    const judged = await runScript(spellings, two, { ...several, rescoring: rescoringFor('x') });
    expect(plain.texts).toEqual(['a;', 'b;']);
    expect(judged.texts).toEqual(['b;', 'a;']);
    expect(judged.drafts.map(({ ending }) => ending)).toEqual(['end-of-text', 'end-of-text']);
  });

  test('an empty one comes last', async () => {
    const run = await runScript(
      spellings,
      (written): Readonly<Record<string, number>> =>
        written === '' ? { '<end>': 0.6, a: 0.3 } : { '<end>': 0.9 },
      { width: 2, drafting: branches, rescoring: rescoringFor('x') },
    );
    expect(run.texts).toEqual(['a', '']);
  });
});

describe('what follows', () => {
  test.each([
    ['the rest of the line and more', ');\nx', ');\nx'],
    ['no more than some tokens', 'y'.repeat(40), 'y'.repeat(8)],
    ['only code points that are whole', `${'y'.repeat(7)}€`, 'y'.repeat(7)],
    ['no blanks at its end', ')\n\n', ')'],
  ])('is %s', (_, after, following) => {
    const euro = [...new TextEncoder().encode('€')].map((byte) => Uint8Array.of(byte));
    const tokenizer = toyTokenizer([...['y', ')', ';', '\n', 'x'], ...euro]);
    expect(rescoringBy(after, tokenizer)?.following).toBe(following);
  });

  test('is nothing where only blanks follow', () => {
    expect(rescoringFor(' \n\n')).toBeUndefined();
  });
});
