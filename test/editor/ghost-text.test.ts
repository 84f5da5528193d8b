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
  whyNotHere,
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

const shapes = `export interface Rectangle {
  readonly width: number;
  readonly height: number;
}

export function area(rectangle: Rectangle): number {
  return rectangle.width * rectangle.height;
}

export function perimeter(rectangle: Rectangle): number {
  return 2 * (`;

const words = `export function lines(text: string): string[] {
  return text.split('\\n').map((line) => line.trim());
}

export function words(text: string): string[] {
  return `;

describe('in a TypeScript file', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench(
      inject('extensions'),
      { 'cart.ts': cart, 'shapes.ts': shapes, 'words.ts': words },
      // The clock does not decide: a slow machine may take its time.
      { 'candor.budgetMs': 20_000 },
    );
    await statusIs(workbench.page, 'ready');
  });
  afterAll(() => workbench.close());

  test('appears while typing, and Tab accepts it into the file', async () => {
    const { page, read } = workbench;
    await openFile(page, 'cart.ts');
    await page.keyboard.type('    total += item');
    const ghost = await ghostText(page);
    await picture(page, 'ghost-text');
    expect(ghost.trim()).not.toBe('');
    await page.keyboard.press('Tab');
    await save(page);
    await picture(page, 'accepted');
    expect(read('cart.ts')).toBe(`${cart}    total += item${ghost}`);
  });

  test('stays while its own characters are typed', async () => {
    const { page, read } = workbench;
    await openFile(page, 'shapes.ts');
    await page.keyboard.type('rectangle.');
    const ghost = await ghostText(page);
    for (let typed = 1; typed < Math.min(4, ghost.length); typed++) {
      await page.keyboard.type(ghost.slice(typed - 1, typed));
      await expect.poll(() => shownGhostText(page)).toBe(ghost.slice(typed));
    }
    await page.keyboard.press('Tab');
    await save(page);
    expect(read('shapes.ts')).toBe(`${shapes}rectangle.${ghost}`);
  });

  test('goes to another suggestion and back', async () => {
    const { page } = workbench;
    await openFile(page, 'words.ts');
    await page.keyboard.type('text.');
    const first = await ghostText(page);
    await page.keyboard.press('Alt+]');
    // Between two suggestions nothing is shown for a moment: that is not yet another one.
    const another = async () => !['', first].includes(await shownGhostText(page));
    await expect.poll(another).toBe(true);
    const second = await ghostText(page);
    expect(second.trim()).not.toBe('');
    for (const width of [1600, 1100, 800]) {
      await page.setViewportSize({ width, height: 720 });
      await expect.poll(() => shownGhostText(page)).toBe(second);
      await picture(page, `another-${width}`);
    }
    await page.setViewportSize({ width: 1200, height: 720 });
    await page.keyboard.press('Alt+[');
    await expect.poll(() => shownGhostText(page)).toBe(first);
    await page.keyboard.press('Alt+]');
    await expect.poll(() => shownGhostText(page)).toBe(second);
    await page.keyboard.press('Escape');
    await expect.poll(() => shownGhostText(page)).toBe('');
  });

  test('is silenced by the toggle, and comes back', async () => {
    const { page } = workbench;
    await runCommand(page, 'Candor: Toggle Completions');
    expect(await statusIs(page, 'off')).toContain('switched off');
    await expect.poll(() => whyNotHere(page)).toMatch(/switched off/);
    await picture(page, 'toggled-off');
    expect(await shownGhostText(page)).toBe('');
    await runCommand(page, 'Candor: Toggle Completions');
    await page.locator('.statusbar-item [aria-label^="Candor: off"]').waitFor({ state: 'detached' });
    await page.keyboard.type('f');
    expect((await ghostText(page)).trim()).not.toBe('');
  });

  test('has asked nobody outside this machine', () => {
    expect([...workbench.asked]).toEqual([]);
  });
});
