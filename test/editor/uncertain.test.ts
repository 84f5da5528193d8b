/** Stopping on uncertainty in the real editor: the toggle changes what is shown, and the last suggestion is explained. */
import { afterEach, expect, inject, test } from 'vitest';
import {
  ghostText,
  openFile,
  openWorkbench,
  picture,
  runCommand,
  shownGhostText,
  statusIs,
  type Workbench,
} from './drive.js';

let workbench: Workbench | undefined;
afterEach(async () => {
  await workbench?.close();
  workbench = undefined;
});

/** A place where the model is likelier wrong than right. */
const harbour = `export class Harbour {
  constructor(readonly ships: Ship[]) {}

  depart(now: Date) {
    const first =`;

test('the toggle cuts suggestions back to what is sure; the explanation shows the tokens of what was shown', async () => {
  workbench = await openWorkbench(
    inject('extensions'),
    { 'harbour.ts': harbour },
    { 'candor.budgetMs': 20_000, 'candor.prepareNext': false, 'candor.monitors': { '*': 'off' } },
    { width: 1400, height: 720 },
  );
  const { page } = workbench;
  await statusIs(page, 'ready');
  await openFile(page, 'harbour.ts');
  await page.keyboard.type(' ');
  const whole = await ghostText(page);
  expect(whole.trim()).not.toBe('');
  await picture(page, 'stop-off');

  await runCommand(page, 'Candor: Explain Last Suggestion');
  await page.locator('.tab:has-text("Last Suggestion")').first().waitFor();
  const explanation = page.locator('.editor-instance .view-lines').last();
  const [firstWord] = whole.trim().split(/\W/);
  await expect.poll(() => explanation.textContent()).toContain(firstWord!);
  await picture(page, 'explain-last-suggestion');

  await runCommand(page, 'Candor: Toggle Stop on Uncertainty');
  await expect.poll(() => statusIs(page, 'ready')).toContain('balanced');
  await runCommand(page, 'View: Focus First Editor Group');
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Backspace');
  await page.keyboard.type(' ', { delay: 100 });
  await expect.poll(() => shownGhostText(page), { timeout: 30_000 }).not.toBe(whole);
  await page.waitForTimeout(3_000);
  const sure = await shownGhostText(page);
  await picture(page, 'stop-balanced');
  expect(sure.length).toBeLessThan(whole.length);
  expect(whole.startsWith(sure)).toBe(true);
});
