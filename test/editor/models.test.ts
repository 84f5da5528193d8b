/** The user's own models in the real editor: one is added, chosen, completed with and removed; the one that ships stays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, expect, inject, test } from 'vitest';
import { readBundle } from '../../language-server/inference/bundle.js';
import { randomGguf } from '../models/random-gguf.js';
import { openFile, openWorkbench, picture, statusIs, whyNotHere, type Workbench } from './drive.js';

const folder = mkdtempSync(path.join(tmpdir(), 'candor-own-model-'));
const file = path.join(folder, 'tiny.gguf');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let workbench: Workbench | undefined;
afterEach(async () => {
  await workbench?.close();
  workbench = undefined;
});

const NAME = 'Tiny model of random weights';
const { name: shipped } = await readBundle(path.resolve(import.meta.dirname, '../../models/smollm2-135m'));

/** Runs a command that goes on asking in the palette's own place. */
async function askIn(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input.input').fill(`>${title}`);
  await row(page, title).waitFor();
  await page.keyboard.press('Enter');
}

function row(page: Page, text: string): Locator {
  return page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
}

/** The list of models, once it is there: the text of each row. */
async function listed(page: Page): Promise<string[]> {
  await askIn(page, 'Candor: Choose Model');
  await row(page, 'ships with Candor').waitFor();
  return page.locator('.quick-input-list .monaco-list-row').allTextContents();
}

function notification(page: Page, text: string): Locator {
  return page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
}

test('a model is added, used, listed and removed; the one that ships cannot be', async () => {
  writeFileSync(
    file,
    randomGguf({ family: 'qwen2', type: () => 'Q8_0', metadata: { 'general.name': NAME } }),
  );
  workbench = await openWorkbench(
    inject('extensions'),
    { 'sum.ts': 'const total = ' },
    { 'candor.budgetMs': 20_000, 'files.simpleDialog.enable': true },
  );
  const { page, asked } = workbench;
  await statusIs(page, 'ready');

  await askIn(page, 'Candor: Add Model…');
  await row(page, 'A GGUF file…').waitFor();
  await picture(page, 'add-model');
  await row(page, 'A GGUF file…').click();
  await chooseFile(page, file);
  const added = notification(page, `${NAME.toLowerCase().replaceAll(' ', '-')} is added`);
  await added.waitFor();
  expect(await added.textContent()).toMatch(/tensors carried over exactly.*writes on only/);
  await picture(page, 'model-added');
  await added.getByRole('button', { name: 'Use It' }).click();
  await expect.poll(() => statusIs(page, 'ready')).toContain(NAME);

  await openFile(page, 'sum.ts');
  await expect.poll(() => whyNotHere(page)).not.toMatch(/cancelled|failed|cannot be/);

  const rows = await listed(page);
  await picture(page, 'choose-model');
  expect(rows).toHaveLength(2);
  expect(rows[0]).toContain(shipped);
  expect(rows[0]).toMatch(/ships with Candor.*MB.*weights q4-folded.*[\d.]+ ms a token here.*Apache-2\.0/);
  expect(rows[1]).toMatch(/\d MB, weights kept, [\d.]+ ms a token here, Apache-2\.0, untrained exits/);
  const own = row(page, NAME);
  await own.hover();
  await expect.poll(() => own.locator('.action-label').count()).toBe(2);
  const ships = row(page, 'ships with Candor');
  await ships.hover();
  expect(await ships.locator('.action-label').count()).toBe(0);

  // One short file says nothing about exits: asked to calibrate them on it, Candor says so.
  await own.hover();
  await own.locator('.codicon-beaker').click();
  await notification(page, 'There is too little code to calibrate exits on').waitFor();
  await picture(page, 'too-little-code');

  expect(await listed(page)).toHaveLength(2);
  await own.hover();
  await own.locator('.codicon-trash').click();
  const question = page.locator('.monaco-dialog-box');
  await question.waitFor();
  await picture(page, 'remove-model');
  expect(await question.textContent()).toContain(`Remove ${NAME}`);
  await question.getByRole('button', { name: 'Remove' }).click();
  await notification(page, `${NAME} is removed`).waitFor();
  await expect.poll(() => statusIs(page, 'ready')).toContain(shipped);
  expect(await listed(page)).toHaveLength(1);
  await row(page, 'ships with Candor').click();
  expect(await statusIs(page, 'ready')).toContain(shipped);
  expect([...asked]).toEqual([]);
});

test('a file that is no model is refused with a sentence', async () => {
  const wrong = path.join(folder, 'wrong.gguf');
  writeFileSync(wrong, 'nothing of the kind, but long enough to be read as one');
  workbench = await openWorkbench(
    inject('extensions'),
    { 'sum.ts': '' },
    { 'files.simpleDialog.enable': true },
  );
  const { page } = workbench;
  await statusIs(page, 'ready');
  await askIn(page, 'Candor: Add Model…');
  await row(page, 'A GGUF file…').click();
  await chooseFile(page, wrong);
  const refused = notification(page, 'This is no GGUF file');
  await refused.waitFor();
  await picture(page, 'model-refused');
  expect(await listed(page)).toHaveLength(1);
});

/** Answers the editor's own file dialog, which takes no answer, or the wrong one, while it looks into a folder. */
async function chooseFile(page: Page, file: string): Promise<void> {
  const dialog = page.locator('.quick-input-widget input.input');
  await page.locator('.quick-input-widget:has-text("Candor: Add Model")').waitFor();
  await expect.poll(() => dialog.inputValue()).toContain('/');
  const isAnswered = async (): Promise<boolean> => {
    if (await dialog.isHidden()) return true;
    if ((await dialog.inputValue()) !== file) await dialog.fill(file);
    const entry = row(page, path.basename(file));
    const isThere = await entry.click({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
    // Where its list has not followed the path, it is filled in once more.
    if (!isThere && (await dialog.isVisible())) await dialog.fill('');
    return false;
  };
  await expect.poll(isAnswered, { interval: 1_000, timeout: 60_000 }).toBe(true);
}
