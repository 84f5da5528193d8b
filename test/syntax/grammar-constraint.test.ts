/** The grammar as a constraint: what it refuses, where it may end, what it says was closed; and token healing. */
import { expect, test } from 'vitest';
import { both, type Constraint } from '../../language-server/constraints/constraint.js';
import { grammarConstraint } from '../../language-server/constraints/grammar-constraint.js';
import { mustSpell } from '../../language-server/constraints/must-spell.js';
import { grammarOf } from '../support/grammars.js';

async function at(name: string, around: string): Promise<Constraint> {
  const [before = '', after = ''] = around.split('▮');
  const judged = grammarConstraint({ language: await grammarOf(name), before, after });
  if ('off' in judged) throw new Error(judged.off);
  return judged.constraint;
}

/** Feeds pieces one after another; undefined once one is refused. */
function feed(constraint: Constraint, ...pieces: readonly string[]): Constraint | undefined {
  return pieces.reduce<Constraint | undefined>((state, piece) => state?.after(piece), constraint);
}

test('a doubled bracket may be written but not ended at', async () => {
  const call = await at('typescript', 'foo(▮)\nbar();\n');
  expect(feed(call, 'a', ', b')?.mayEnd()).toBe(true);
  expect(feed(call, 'a', ')')?.mayEnd()).toBe(false);
  expect(feed(call, ']') === undefined).toBe(true);
});

test('the same text in other pieces is judged alike', async () => {
  const call = await at('python', 'def f(x):\n    return foo(▮)\n');
  const text = "a, b='c', *d";
  for (let i = 0; i <= text.length; i++) {
    expect(feed(call, text.slice(0, i), text.slice(i))?.mayEnd(), String(i)).toBe(true);
  }
  expect(feed(call, ...Array.from(text))?.mayEnd()).toBe(true);
});

test('what is written once more does not count as what the file lacks', async () => {
  const language = await grammarOf('typescript');
  const judged = grammarConstraint({
    language,
    before: 'function f() {\n  g(() => {\n    a();\n  })',
    lead: '\n\n  ',
    after: '\n}\n',
  });
  if ('off' in judged) throw new Error(judged.off);
  using open = judged;
  expect(feed(open.constraint, '\n\n  ', 'return {\n    b: 1,')?.mayEnd()).toBe(false);
  expect(feed(open.constraint, '\n\n', '  return {\n    b: 1,\n  };')?.mayEnd()).toBe(true);
});

test('an error in what is written once more is stepped over', async () => {
  const language = await grammarOf('typescript');
  const judged = grammarConstraint({ language, before: 'const a = foo(1', lead: '))', after: '\n\nb();\n' });
  if ('off' in judged) throw new Error(judged.off);
  using open = judged;
  expect(open.repairs).toBe(1);
  expect(feed(open.constraint, ')')?.mayEnd()).toBe(false);
  expect(feed(open.constraint, ')', '}')).toBeUndefined();
  expect(feed(open.constraint, ')', ');')?.mayEnd()).toBe(true);
  expect(feed(open.constraint, ')).', 'bar')?.mayEnd()).toBe(true);
  expect(feed(open.constraint, '))', '\nconst b = (')?.mayEnd()).toBe(false);
});

test('what has just been closed', async () => {
  const body = await at('typescript', 'function f() {\n  ▮\n');
  expect(feed(body, 'a()')?.closed()).toBeUndefined();
  expect(feed(body, 'a();')?.closed()).toBe('statement');
  expect(feed(body, 'a();\n}')?.closed()).toBe('block');
});

test('an empty piece changes nothing', async () => {
  const call = await at('typescript', 'foo(▮)\n');
  expect(call.after('') === call).toBe(true);
});

test('healing spells what was taken back, in any pieces, and then allows all', () => {
  const healing = mustSpell('conso');
  expect(feed(healing, 'console')?.mayEnd()).toBe(true);
  expect(feed(healing, 'con', 'so', 'le')?.mayEnd()).toBe(true);
  expect(healing.mayEnd()).toBe(false);
  expect(feed(healing, 'con')?.mayEnd()).toBe(false);
  expect(feed(healing, 'cow') === undefined).toBe(true);
});

test('healing and grammar together', async () => {
  const member = both(mustSpell('lo'), await at('typescript', 'console.▮;\n'));
  expect(feed(member, 'log(', '1)')?.mayEnd()).toBe(true);
  expect(feed(member, 'log(', '1]') === undefined).toBe(true);
  expect(feed(member, 'warn') === undefined).toBe(true);
});
