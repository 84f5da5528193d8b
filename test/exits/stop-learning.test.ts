/** What accepted and rejected suggestions teach, how it is kept, and that damage costs nothing but itself. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Completions } from '../../language-server/completion/complete.js';
import { Judgements, judgementsName } from '../../language-server/completion/judgements-store.js';
import { StopLearning } from '../../language-server/completion/stop-learning.js';
import { describeJudgements, localOdds, oddsBehind } from '../../language-server/completion/local-odds.js';
import { chanceOf } from '../../language-server/decoding/doubt/logistic.js';

let folder: string;
let problems: string[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'candor-learning-'));
  problems = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
const judgements = () => new Judgements(folder, (problem) => problems.push(problem));

function shown(id: string, sure: number | undefined): Completions {
  const token = { token: 1, text: 'x', logProb: -1, exit: 30, ...(sure !== undefined && { sure }) };
  const draft = { text: 'x', tokens: [token], logProb: -1, ending: 'line' } as const;
  const cost = { promptTokens: 0, reusedTokens: 0, steps: 0, promptMs: 0, decodeMs: 0, totalMs: 0 };
  return { items: [{ id, text: 'x', start: 0, end: 0, draft }], source: 'model', cost, trace: [] };
}

describe('local odds', () => {
  test('say nothing before there are enough suggestions', () => {
    expect(localOdds(Array.from({ length: 19 }, () => ({ odds: 0, accepted: true })))).toBeUndefined();
    expect(describeJudgements([])).toMatch(/From 20 on/);
  });

  test('a user who takes more than the model expects moves the chances up', () => {
    const eager = Array.from({ length: 60 }, (_, index) => ({ odds: -1, accepted: index % 3 !== 0 }));
    const local = localOdds(eager)!;
    expect(chanceOf(-1)).toBeLessThan(0.3);
    expect(chanceOf(local.slope * -1 + local.shift)).toBeGreaterThan(0.5);
  });

  test('what is learnt is undone before more is learnt', () => {
    const local = { slope: 1.5, shift: -0.7 };
    expect(oddsBehind(chanceOf(1.5 * 0.4 - 0.7), local)).toBeCloseTo(0.4, 9);
  });
});

describe('learning', () => {
  test('ties a verdict to the chance that was given, keeps it, and finds it again', async () => {
    const kept = judgements();
    const learning = new StopLearning(kept);
    learning.told(shown('1.0', 0.8));
    learning.told(shown('2.0', undefined));
    learning.told(shown('3.0', 0.3));
    for (const item of ['1.0', '2.0', '7.0']) learning.judged({ kind: 'accepted', item, inferred: false });
    learning.judged({ kind: 'rejected', item: '3.0', inferred: true });
    learning.judged({ kind: 'rejected', item: '1.0', inferred: true });
    await kept.settled();
    const again = judgements();
    await again.load();
    expect(again.all.map(({ accepted }) => accepted)).toEqual([true, false]);
    expect(again.all[0]!.odds).toBeCloseTo(Math.log(4), 6);
    expect(await readFile(path.join(folder, judgementsName), 'utf8')).not.toContain('x');
    expect((await new StopLearning(again).asked(false)).text).toMatch(
      /2 suggestions.*1 accepted, 1 rejected/,
    );
  });

  test('is forgotten on request', async () => {
    const kept = judgements();
    kept.note({ odds: 1, accepted: true });
    expect((await new StopLearning(kept).asked(true)).text).toBe('Forgot what 1 suggestions told.');
    expect(await readdir(folder)).toEqual([]);
    expect(kept.all).toEqual([]);
  });

  test('a damaged file is set aside, told of, and begun anew', async () => {
    const good = JSON.stringify({ odds: 1, accepted: true });
    await writeFile(path.join(folder, judgementsName), `${good}\n{"odds": "high"}\n`);
    const kept = judgements();
    await kept.load();
    expect(kept.all).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/could not be read; it was moved to/);
    kept.note({ odds: 2, accepted: false });
    await kept.settled();
    const files = await readdir(folder);
    expect(files.filter((file) => file.includes('damaged'))).toHaveLength(1);
    expect(await readFile(path.join(folder, judgementsName), 'utf8')).toBe('{"odds":2,"accepted":false}\n');
  });
});
