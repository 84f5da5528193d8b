/** What is replayed and how it is read: scripts that type real lines, trace lines, races of scripted engines. */
import { describe, expect, test } from 'vitest';
import { budgetOf } from './budget.js';
import type { BenchContext } from './benchmark.js';
import type { CorpusFile } from './corpus.js';
import type { Contender } from './latency/contender.js';
import { race } from './latency/race.js';
import { recomputedIn } from './latency/replay.js';
import { LONG_FILE, typingScript, typingScripts } from './latency/typing-script.js';

function fileOf(name: string, lines: number): CorpusFile {
  const text = Array.from(
    { length: lines },
    (_, line) => `${'  '.repeat(line % 3)}const v${line} = f(${line});`,
  ).join('\n');
  const common = { language: 'typescript', languageId: 'typescript', group: 'g' };
  return { path: name, absolutePath: `/${name}`, text, ...common };
}

describe('typing scripts', () => {
  test('write what was taken out, and one line break above', () => {
    const file = fileOf('a.ts', 60);
    const { start, edits } = typingScript(file, 1)!;
    let text = start;
    for (const { at, text: put, cursor, pause } of edits) {
      text = text.slice(0, at) + put + text.slice(at);
      expect(cursor).toBe(at + put.length);
      expect(pause).toBeGreaterThan(0);
    }
    const above = edits.find(({ kind }) => kind === 'above')!;
    expect(text.slice(above.at, above.at + 1)).toBe('\n');
    const written = (text.slice(0, above.at) + text.slice(above.at + 1))
      .replaceAll(/[ \t]+\n/g, '\n')
      .split('\n');
    const pasted = edits.find(({ kind, text: put }) => kind === 'paste' && put.includes('\n'))!.text.trim();
    for (const line of file.text.split('\n')) {
      expect(written.some((one) => one.trim() === line.trim()) || pasted.includes(line.trim()), line).toBe(
        true,
      );
    }
  });

  test('never type right in front of other text', () => {
    const { start, edits } = typingScript(fileOf('a.ts', 60), 1)!;
    let text = start;
    for (const { kind, at, text: put, cursor } of edits) {
      text = text.slice(0, at) + put + text.slice(at);
      if (kind !== 'above') expect(text[cursor] ?? '\n').toBe('\n');
    }
  });

  test('hold keys, Enter, a paste, a change above, and the key after it', () => {
    const kinds = typingScript(fileOf('a.ts', 60), 1)!.edits.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['key', 'enter', 'paste', 'above', 'back']));
    expect(kinds[kinds.indexOf('above') + 1]).toBe('back');
    expect(kinds.filter((kind) => kind === 'key').length).toBeGreaterThan(30);
  });

  test('follow from the seed, and need lines worth typing', () => {
    const file = fileOf('a.ts', 60);
    expect(typingScript(file, 1)).toEqual(typingScript(file, 1));
    expect(typingScript(file, 1)).not.toEqual(typingScript(file, 2));
    expect(typingScript({ ...file, text: '// comment\n'.repeat(50) }, 1)).toBeUndefined();
  });

  test('take long files and others by turns', () => {
    const files = ['a', 'b', 'c', 'd'].map((name, index) => fileOf(name, index < 2 ? 60 : 2_000));
    const scripts = typingScripts(files, 4, 1);
    expect(scripts.map(({ file }) => file.text.length > LONG_FILE)).toEqual([true, false, true, false]);
  });
});

describe('trace lines', () => {
  const trace =
    'automatic typescript a.ts:3:5 | prompt 310 tokens, 298 reused, 12 ms | 4 steps, 60 ms | 80 ms in all';

  test('tell how many tokens were read, for the place that was asked about', () => {
    expect(recomputedIn(trace, { line: 2, character: 4 })).toBe(12);
    expect(recomputedIn(trace, { line: 2, character: 5 })).toBeNull();
    expect(
      recomputedIn('automatic typescript a.ts:3:5 | from memory | 1 item (line)', { line: 2, character: 4 }),
    ).toBeNull();
  });
});

describe('a race', () => {
  const contender = (promptMs: number, stepMs: number, tokens: readonly number[]): Contender => ({
    readPrompt: () => Promise.resolve(promptMs),
    continueFrom: (_, count) =>
      Promise.resolve({
        tokens: tokens.slice(0, count),
        stepMs: tokens.slice(0, count).map((_token, index) => (index === 0 ? 99 : stepMs)),
      }),
    close: () => Promise.resolve(),
  });

  test('gives ratios of medians, and counts tokens up to the first difference', async () => {
    const context: BenchContext = {
      corpus: '/',
      files: [],
      seed: 1,
      budget: budgetOf({ quick: true, minutes: undefined }),
      progress: () => undefined,
      options: {},
      measureEach: async (_, cases, measure) => {
        const measured = [];
        for (const of of cases) measured.push({ of, result: await measure(of) });
        return measured;
      },
    };
    const texts = [1, 2, 3].map((id) => ({ id: `${id}`, tokens: [1, 2, 3] }));
    const own = contender(50, 12, [7, 8, 9, 4]);
    const rival = contender(100, 10, [7, 8, 1, 4]);
    const figures = await race('part', texts, 4, own, rival, context, 1);
    expect(figures.decode.value).toBeCloseTo(1.2, 12);
    expect(figures.prompt.value).toBeCloseTo(0.5, 12);
    expect(figures.ownStepMs.value).toBe(12);
    expect(figures.alike).toMatchObject({ value: 0.5, n: 12 });
    expect(figures.clean.n).toBe(3);
  });
});
