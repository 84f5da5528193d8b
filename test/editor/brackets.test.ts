/** Suggestions between auto-closed brackets in the real editor: once accepted, the file has no syntax error. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hasError } from '../bench/syntax-judges.js';
import { grammarOf } from '../support/grammars.js';
import { ghostText, openFile, openWorkbench, picture, save, statusIs, type Workbench } from './drive.js';

const calls = `export function add(first: number, second: number): number {
  return first + second;
}

const first = 1;
const second = 2;
console.log(add(first, second));
`;

const greeting = `interface Person {
  readonly firstName: string;
  readonly lastName: string;
}

export function Greeting({ person }: { readonly person: Person }) {
  return (
    <section>
      <h1>Hello, {person.firstName}!</h1>
      <p></p>
    </section>
  );
}
`;

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench(
    inject('extensions'),
    { 'calls.ts': calls, 'greeting.tsx': greeting },
    {
      // The clock does not decide: a slow machine may take its time.
      'candor.budgetMs': 20_000,
      'editor.autoClosingBrackets': 'always',
      'editor.autoClosingQuotes': 'always',
    },
  );
  await statusIs(workbench.page, 'ready');
});
afterAll(() => workbench.close());

test('inside the brackets of a call', async () => {
  const { page } = workbench;
  await openFile(page, 'calls.ts');
  await page.keyboard.type('const sum = add(');
  const accepted = await acceptIn('calls.ts', 'call');
  expect(accepted.before).toBe(`${calls}const sum = add()`);
  expect(accepted.after.length).toBeGreaterThan(accepted.before.length);
  expect(accepted.after.startsWith(`${calls}const sum = add(`)).toBe(true);
  expect(hasError(await grammarOf('typescript'), accepted.after), accepted.after).toBe(false);
});

test('inside JSX', async () => {
  const { page } = workbench;
  await openFile(page, 'greeting.tsx');
  const keys = [...times('ArrowUp', 4), 'End', ...times('ArrowLeft', '</p>'.length)];
  for (const key of keys) await page.keyboard.press(key);
  await page.keyboard.type('{person.');
  const accepted = await acceptIn('greeting.tsx', 'jsx');
  expect(accepted.before).toBe(greeting.replace('<p></p>', '<p>{person.}</p>'));
  expect(accepted.after.length).toBeGreaterThan(accepted.before.length);
  expect(hasError(await grammarOf('tsx'), accepted.after), accepted.after).toBe(false);
});

/** The file with what was typed, and with what the ghost text then brought. */
async function acceptIn(name: string, shot: string): Promise<{ before: string; after: string }> {
  const { page, read } = workbench;
  expect((await ghostText(page)).trim()).not.toBe('');
  await picture(page, `brackets-${shot}`);
  await save(page);
  const before = read(name);
  await page.keyboard.press('Tab');
  await page.locator('.tab.active.dirty').waitFor();
  await save(page);
  return { before, after: read(name) };
}

function times(key: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => key);
}
