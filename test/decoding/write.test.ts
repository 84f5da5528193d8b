/** From request to drafts, with the real grammars and a model that wants to write a given text, letter by letter. */
import { monitoring } from '../../language-server/monitoring.js';
import { describe, expect, test } from 'vitest';
import { askNobody } from '../../language-server/decoding/answers.js';
import { noGrammars, type Grammars } from '../../language-server/decoding/grammars.js';
import { noTable } from '../../language-server/decoding/ngrams/ngram-table.js';
import { write } from '../../language-server/decoding/write.js';
import type { WriteOutcome, WriteRequest } from '../../language-server/decoding/write-request.js';
import { never, type Cancellation } from '../../language-server/inference/cancellation.js';
import { languages } from '../../syntax/languages.js';
import { featureNames } from '../../language-server/decoding/doubt/features.js';
import type { StopModel } from '../../language-server/decoding/doubt/stop-model.js';
import { grammarOf } from '../support/grammars.js';
import { scriptedModel } from '../support/scripted-model.js';
import { toyToken, toyTokenizer } from '../support/toy-vocabulary.js';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const tokenizer = toyTokenizer(['\n', ...printable]);
const { vocabulary } = tokenizer;

const grammars: Grammars = (languageId) => grammarOf(languages[languageId]!.grammar);

interface Wish {
  readonly languageId: string;
  /** The file, with `▮` at the cursor. */
  readonly file: string;
  /** What the model writes, if nobody minds, before it ends the text. */
  readonly wish: string;
  /** A beginning of that, after which it would rather end the text, by nine to one. */
  readonly pause?: string;
  readonly changes?: Partial<WriteRequest>;
  readonly cancellation?: Cancellation;
  readonly grammars?: Grammars;
  readonly stopModel?: StopModel | string;
}

async function writeWish(wish: Wish): Promise<WriteOutcome> {
  const [before = '', after = ''] = wish.file.split('▮');
  const spelled = (tokens: readonly number[]): string =>
    Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token))).toString('utf8');
  const model = scriptedModel(vocabulary, (written, prompt) => {
    const wanted = (before + wish.wish).slice(spelled(prompt).length + spelled(written).length);
    const next = toyToken(vocabulary, wanted === '' ? '<end>' : wanted[0]!);
    const isPause = wish.pause !== undefined && spelled(prompt) + spelled(written) === before + wish.pause;
    if (!isPause) return new Map([[next, 0.9]]);
    return new Map([
      [toyToken(vocabulary, '<end>'), 0.9],
      [next, 0.09],
    ]);
  });
  const request: WriteRequest = {
    prompt: { parts: [{ kind: 'text', text: before }], maxTokens: 5000 },
    fillsIn: false,
    program: { languageId: wish.languageId, before, after },
    shape: 'by-syntax',
    drafts: 1,
    drafting: 'branches',
    nearby: [],
    maxTokens: 300,
    syntax: true,
    backUp: 1,
    leastClosing: 0.05,
    monitors: 'off',
    inComments: false,
    inStrings: false,
    ...wish.changes,
  };
  return write(request, {
    model: { ...model, maxTokens: 10_000 },
    tokenizer,
    grammars: wish.grammars ?? grammars,
    ngrams: noTable,
    stopModel: wish.stopModel,
    ask: askNobody,
    monitoring,
    cancellation: wish.cancellation ?? never,
    onProgress: () => undefined,
  });
}

describe('stopping on uncertainty', () => {
  const place = { languageId: 'python', file: 'x = 1\ny = ▮\nz = 3\n', wish: 'x + 1\n' };
  const none = featureNames.map(() => 0);
  /** Sure of everything, or of nothing. */
  const always = (offset: number): StopModel => ({
    ...{ format: 'candor-stop', version: 1, features: [...featureNames], places: 1, tokens: 1, right: 0.5 },
    ...{ means: none, scales: featureNames.map(() => 1), weights: none, offset },
  });

  test('silence with a reason where nothing is sure; off and sure leave the text as it is', async () => {
    const stop = { least: 0.5 };
    const unsure = await writeWish({ ...place, changes: { stop }, stopModel: always(-5) });
    expect(unsure).toMatchObject({ drafts: [], silence: { reason: 'unsure' } });
    const sure = await writeWish({ ...place, changes: { stop }, stopModel: always(5) });
    const off = await writeWish({ ...place, stopModel: always(-5) });
    expect([sure.drafts[0]!.text, off.drafts[0]!.text]).toEqual(['x + 1', 'x + 1']);
    expect(sure.drafts[0]!.tokens.at(-1)!.sure).toBeGreaterThan(0.9);
    expect(unsure.cost.steps).toBeLessThan(off.cost.steps);
  });

  test.each([
    ['none', undefined, /the bundle has no stop model/],
    ['one that cannot be used', 'the stop model is not JSON', /the stop model is not JSON/],
  ])('with %s in the bundle it says so and runs to the end', async (_, stopModel, why) => {
    const outcome = await writeWish({
      ...{ ...place, changes: { stop: { least: 0.5 } } },
      ...(stopModel !== undefined && { stopModel }),
    });
    expect(outcome.drafts[0]!.text).toBe('x + 1');
    expect(outcome.trace.map((entry) => (entry.kind === 'note' ? entry.text : '')).join()).toMatch(why);
  });

  test('without an exit on the way it says so and runs at full depth', async () => {
    const outcome = await writeWish({ ...place, changes: { exits: { rule: 'controller', at: 0.5 } } });
    expect(outcome.drafts[0]!.text).toBe('x + 1');
    expect(JSON.stringify(outcome.trace)).toMatch(
      /no exit before full depth: every token runs at full depth/,
    );
  });
});

describe('where a model that fills in would end inside a line', () => {
  const place = { languageId: 'typescript', wish: 'slice(1);\nmore();\n', pause: 'slice' };
  const written = async (file: string, fillsIn: boolean, wish = place.wish): Promise<string> => {
    const { drafts } = await writeWish({ ...place, wish, file, changes: { fillsIn } });
    return `${drafts[0]!.text}, ${drafts[0]!.ending}, ${Math.exp(drafts[0]!.logProb).toFixed(2)}`;
  };

  test('nothing follows on the line: it goes on, as likely as it is given that', async () => {
    // With the line's end ten letters, one of them by 0.09 of the 0.1 that are left without the end of the text.
    const share = 0.9 ** 9 * (0.09 / 0.1);
    expect(await written('const a = b.▮\nc();\n', true)).toBe(`slice(1);, line, ${share.toFixed(2)}`);
  });

  test.each([
    ['lines end with carriage returns', 'const a = b.▮\r\nc();\r\n'],
    ['the file ends here, without a line end', 'c();\nconst a = b.▮'],
    ['only white space follows', 'const a = b.▮  \nc();\n'],
  ])('%s: it goes on as well', async (_, file) => {
    expect(await written(file, true)).toMatch(/^slice\(1\);, line, /);
  });

  test('a bracket is left open: it goes on to the line that closes it', async () => {
    const wish = 'slice(\n  1,\n);\n';
    expect(await written('const a = b.▮\nc();\n', true, wish)).toMatch(/^slice\(\n {2}1,\n\);, line/);
  });

  test.each([
    ['something follows', 'const a = b.▮ + 1;\nc();\n', true],
    ['the line is empty', 'b;\n▮\nc();\n', true],
    ['the model never saw what follows', 'const a = b.▮\nc();\n', false],
  ])('%s: it ends there', async (_, file, fillsIn) => {
    expect(await written(file, fillsIn)).toMatch(/^slice, end-of-text/);
  });
});

describe('how much is written', () => {
  test.each<[string, string, string, string, string, string]>([
    ['the rest of a line', 'python', 'x = 1\ny = ▮\nz = 3\n', 'x + 1\nmore = 2\n', 'x + 1', 'line'],
    [
      'a whole block after a colon',
      'python',
      'def f(a):▮\n\n\nprint(f(1))\n',
      '\n    b = a\n    return b\n\ndef g():\n',
      '\n    b = a\n    return b',
      'block',
    ],
    [
      'a whole block in braces',
      'typescript',
      'class A {\n  f(): void {▮\n}\n',
      '\n    g();\n    h();\n  }\n\n  more(): void {',
      '\n    g();\n    h();\n  }',
      'block',
    ],
    [
      'one statement on an empty line',
      'typescript',
      'f();\n▮\ng();\n',
      'if (x) {\n  y();\n}\nz();\n',
      'if (x) {\n  y();\n}',
      'statement',
    ],
    ['what fits into brackets', 'typescript', 'const a = f(▮);\n', 'b, c);\n', 'b, c', 'suffix'],
    [
      'no line that stands there already',
      'python',
      'def f():\n    ▮\n    return x\n',
      'x = 1\n    return x\n',
      'x = 1',
      'statement',
    ],
  ])('%s', async (_, languageId, file, wish, text, ending) => {
    const outcome = await writeWish({ languageId, file, wish });
    expect(outcome.drafts[0]).toMatchObject({ text, ending });
  });

  test('without a grammar, the same by indentation', async () => {
    const wish = '\n    b = a\n    return b\n\ndef g():\n';
    const outcome = await writeWish({
      languageId: 'x',
      file: 'def f(a):▮\n\n\nx()\n',
      wish,
      grammars: noGrammars,
    });
    expect(outcome.drafts[0]!.text).toBe('\n    b = a\n    return b');
    expect(outcome.trace).toContainEqual({
      kind: 'note',
      text: 'The syntax constraint is off: no grammars are loaded.',
    });
  });
});

describe('rescoring by the text after the cursor', () => {
  const place = {
    languageId: 'typescript',
    file: 'class A {\n  ▮\n    return 1;\n  }\n}\n',
    wish: 'f() {\n    return 1 + g();\n  }\n',
  };

  test('ends after the line that what follows goes on from, and tells the cost', async () => {
    const plain = await writeWish(place);
    const judged = await writeWish({ ...place, changes: { rescore: true } });
    expect(plain.cost.rescored).toBeUndefined();
    expect(plain.drafts[0]).not.toHaveProperty('following');
    expect(judged.drafts[0]).toMatchObject({ text: 'f() {', ending: 'joins' });
    expect(judged.trace).toContainEqual(
      expect.objectContaining({ kind: 'rescored', text: plain.drafts[0]!.text, kept: 'f() {' }),
    );
    expect(judged.cost.rescored!.tokens).toBeGreaterThan(0);
    expect(judged.cost.decodeMs).toBeGreaterThanOrEqual(judged.cost.rescored!.ms);
  });

  test('is left out where the model has no room for it', async () => {
    const { length } = place.file.split('▮')[0]!;
    const room = { rescore: true, maxTokens: 10_000 - length - 20 };
    const judged = await writeWish({ ...place, changes: room });
    expect(judged.cost.rescored).toBeUndefined();
  });
});

describe('what is refused', () => {
  test('text that cannot parse where it lands', async () => {
    const outcome = await writeWish({
      languageId: 'typescript',
      file: 'const a = ▮;\nf();\n',
      wish: '1 + )',
    });
    expect(outcome.drafts.map((draft) => draft.text)).not.toContain('1 + )');
    expect(outcome.trace).toContainEqual(
      expect.objectContaining({ kind: 'refused', token: ')', by: 'syntax' }),
    );
  });

  test('nothing, when the constraint is switched off', async () => {
    const file = 'const a = ▮;\nf();\n';
    const outcome = await writeWish({
      languageId: 'typescript',
      file,
      wish: '1 + )',
      changes: { syntax: false },
    });
    expect(outcome.drafts[0]!.text).toBe('1 + )');
  });
});

describe('silences', () => {
  test.each([
    ['in-comment', 'python', 'x = 1  # wh▮\n', 'y'],
    ['in-string', 'python', 'x = "wh▮"\n', 'y'],
    ['ended-at-once', 'python', 'x = 1▮\n', ''],
  ])('%s', async (reason, languageId, file, wish) => {
    expect((await writeWish({ languageId, file, wish })).silence).toMatchObject({ reason });
  });

  test('prompt-too-long', async () => {
    const prompt = { parts: [{ kind: 'text', text: 'abc' }], maxTokens: 2 } as const;
    const outcome = await writeWish({ languageId: 'python', file: 'x▮', wish: '', changes: { prompt } });
    expect(outcome.silence).toMatchObject({ reason: 'prompt-too-long' });
  });

  test('cancelled', async () => {
    const cancellation = { requested: true };
    const outcome = await writeWish({ languageId: 'python', file: 'x = ▮\n', wish: '1\n', cancellation });
    expect(outcome.silence).toMatchObject({ reason: 'cancelled' });
  });

  test('unfinished, when all tokens are spent on blanks', async () => {
    const wish = '\n\n\n\n\n\nx';
    const changes = { maxTokens: 4 };
    const outcome = await writeWish({
      languageId: 'x',
      file: 'f();\n▮',
      wish,
      changes,
      grammars: noGrammars,
    });
    expect(outcome.drafts).toEqual([]);
    expect(outcome.silence).toMatchObject({ reason: 'unfinished' });
  });
});

test('repeats, when the draft is cut back to nothing because it began to repeat itself', async () => {
  const outcome = await writeWish({
    languageId: 'x',
    file: 'f();\n▮',
    wish: '\n'.repeat(60),
    changes: { maxTokens: 64 },
    grammars: noGrammars,
  });
  expect(outcome.drafts).toEqual([]);
  expect(outcome.silence).toMatchObject({ reason: 'repeats' });
});

test('the cost is told', async () => {
  const { cost } = await writeWish({ languageId: 'python', file: 'a = ▮\n', wish: '1\n' });
  expect(cost).toMatchObject({ promptTokens: 3, steps: 3 });
  expect(cost.totalMs).toBeGreaterThanOrEqual(cost.decodeMs);
});
