/** What the real editor says of Candor's state: loading, ready, quiet and why, off for a language, a broken bundle. */
import { execFileSync } from 'node:child_process';
import { afterEach, expect, inject, test } from 'vitest';
import {
  ghostText,
  openFile,
  openWorkbench,
  picture,
  runCommand,
  shownGhostText,
  statusIs,
  why,
  whyNotHere,
  type Workbench,
} from './drive.js';

let workbench: Workbench | undefined;
afterEach(async () => {
  await workbench?.close();
  workbench = undefined;
});

async function open(settings: Readonly<Record<string, unknown>>): Promise<Workbench> {
  const files = {
    'notes.md': 'Some notes.\n',
    'sum.ts': 'export function sum(values: number[]): number {\n  ',
  };
  workbench = await openWorkbench(inject('extensions'), files, { 'candor.budgetMs': 20_000, ...settings });
  return workbench;
}

test('a language that is switched off is quiet, and says so', async () => {
  const { page } = await open({});
  await statusIs(page, 'ready');
  await openFile(page, 'notes.md');
  expect(await statusIs(page, 'off')).toContain('markdown');
  await page.keyboard.type('And ');
  await expect.poll(() => whyNotHere(page)).toMatch(/markdown/);
  await picture(page, 'language-off');
  expect(await shownGhostText(page)).toBe('');
});

test('a comment is quiet where comments are off, and says so', async () => {
  const { page } = await open({ 'candor.inComments': false });
  await statusIs(page, 'ready');
  await openFile(page, 'sum.ts');
  await page.keyboard.type('// the sum of ');
  expect(await statusIs(page, 'quiet')).toMatch(/comment/);
  expect(await why(page)).toMatch(/comment/);
  await picture(page, 'quiet-in-comment');
  expect(await shownGhostText(page)).toBe('');
});

test('a bundle that is missing is told in words, once the user can do something about it', async () => {
  const { page } = await open({ 'candor.bundle': '/nowhere/at/all' });
  const label = await statusIs(page, 'unavailable');
  expect(label).toContain('/nowhere/at/all');
  const message = page.locator('.notification-list-item-message').first();
  await message.waitFor();
  expect(await message.textContent()).toContain('/nowhere/at/all');
  await picture(page, 'bundle-missing');
});

test('a restart brings the model back', async () => {
  const { page } = await open({});
  await statusIs(page, 'ready');
  await runCommand(page, 'Candor: Restart Server');
  await page.locator('.statusbar-item [aria-label^="Candor: ready"]').waitFor({ state: 'detached' });
  await statusIs(page, 'ready');
});

test('a server that is killed is started again; one that keeps ending is left down until asked for', async () => {
  const { page } = await open({});
  const ready = page.locator('.statusbar-item [aria-label^="Candor: ready"]');
  const kill = () => {
    const pids = execFileSync('pgrep', ['-f', `${inject('extensions')}.*server\\.mjs`], { encoding: 'utf8' });
    for (const pid of pids.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
  };
  for (let end = 1; end <= 3; end++) {
    await ready.waitFor();
    kill();
    await ready.waitFor({ state: 'detached' });
  }
  await ready.waitFor();
  await openFile(page, 'sum.ts');
  await page.keyboard.type('return values.');
  expect((await ghostText(page)).trim()).not.toBe('');
  kill();
  expect(await statusIs(page, 'unavailable')).toContain('4 times');
  await picture(page, 'left-down');
  await runCommand(page, 'Candor: Restart Server');
  await ready.waitFor();
});

test('the menu of the status item offers what one may want', async () => {
  const { page } = await open({});
  await statusIs(page, 'ready');
  await openFile(page, 'sum.ts');
  await page.locator('.statusbar-item [aria-label^="Candor"]').click();
  const entries = page.locator('.quick-input-list .monaco-list-row');
  await entries.first().waitFor();
  await picture(page, 'menu');
  const words = (await entries.allTextContents()).join('\n');
  for (const entry of ['off for typescript', 'Why was there no suggestion?', 'Restart server']) {
    expect(words).toContain(entry);
  }
});
