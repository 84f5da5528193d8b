/** Ghost text in the real editor from the model that ships: it appears, stays while typed, cycles, and is accepted. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  ghostText,
  openFile,
  openWorkbench,
  picture,
  runCommand,
  save,
  shownGhostText,
  statusIs,
  type Workbench,
} from './drive.js';

const cart = `/** Items in a shopping cart. */
export interface Item {
  readonly name: string;
  readonly price: number;
  readonly count: number;
}

export function totalPrice(items: readonly Item[]): number {
  let total = 0;
  for (const item of items) {
    total += item.price * item.count;
  }
  return total;
}

export function totalCount(items: readonly Item[]): number {
  let total = 0;
  for (const item of items) {
`;

describe('in a TypeScript file', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench(
      inject('extensions'),
      { 'cart.ts': cart, 'again.ts': cart, 'third.ts': cart },
      // The clock does not decide: a slow machine may take its time.
      { 'candor.budgetMs': 20_000 },
    );
    await statusIs(workbench.page, 'ready');
  });
  afterAll(() => workbench.close());

  test('appears while typing, and Tab accepts it into the file', async () => {
    const { page, read } = workbench;
    await openFile(page, 'cart.ts');
    await page.keyboard.type('    total ');
    const ghost = await ghostText(page);
    await picture(page, 'ghost-text');
    expect(ghost.trim()).not.toBe('');
    await page.keyboard.press('Tab');
    await save(page);
    await picture(page, 'accepted');
    expect(read('cart.ts')).toBe(`${cart}    total ${ghost}`);
  });

  test('stays while its own characters are typed', async () => {
    const { page, read } = workbench;
    await openFile(page, 'again.ts');
    await page.keyboard.type('    total ');
    const ghost = await ghostText(page);
    for (let typed = 1; typed < Math.min(4, ghost.length); typed++) {
      await page.keyboard.type(ghost.slice(typed - 1, typed));
      await expect.poll(() => shownGhostText(page)).toBe(ghost.slice(typed));
    }
    await page.keyboard.press('Tab');
    await save(page);
    expect(read('again.ts')).toBe(`${cart}    total ${ghost}`);
  });

  test('goes to another suggestion and back', async () => {
    const { page } = workbench;
    await openFile(page, 'third.ts');
    await page.keyboard.type('    ');
    await page.keyboard.type('t');
    const first = await ghostText(page);
    await page.keyboard.press('Alt+]');
    await expect.poll(() => shownGhostText(page)).not.toBe(first);
    const second = await ghostText(page);
    await picture(page, 'another');
    await page.keyboard.press('Alt+[');
    await expect.poll(() => shownGhostText(page)).toBe(first);
    expect(second).not.toBe(first);
    await page.keyboard.press('Escape');
    await expect.poll(() => shownGhostText(page)).toBe('');
  });

  test('is silenced by the toggle, and comes back', async () => {
    const { page } = workbench;
    await runCommand(page, 'Candor: Toggle Completions');
    expect(await statusIs(page, 'off')).toContain('switched off');
    await page.keyboard.press('End');
    await page.keyboard.type('o');
    await runCommand(page, 'Trigger Inline Suggestion');
    await picture(page, 'toggled-off');
    await runCommand(page, 'Candor: Why Was There No Suggestion?');
    const message = page.locator('.notification-list-item-message').first();
    await message.waitFor();
    expect(await message.textContent()).toMatch(/off/);
    expect(await shownGhostText(page)).toBe('');
    await runCommand(page, 'Notifications: Clear All Notifications');
    await runCommand(page, 'Candor: Toggle Completions');
    await page.locator('.statusbar-item [aria-label^="Candor: off"]').waitFor({ state: 'detached' });
    await page.locator('.editor-instance .view-lines').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('t');
    expect((await ghostText(page)).trim()).not.toBe('');
  });

  test('has asked nobody outside this machine', () => {
    expect([...workbench.asked]).toEqual([]);
  });
});
