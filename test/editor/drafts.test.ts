/** Picking a draft in the real editor: list, preview, Enter, Escape, undo; and what happens where it cannot go in. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openFile, openWorkbench, picture, runCommand, save, statusIs, type Workbench } from './drive.js';

const names = `export interface Person {
  readonly firstName: string;
  readonly lastName: string;
}

export function fullName(person: Person): string {
  return person.firstName + ' ' + person.lastName;
}

export function nickname(person: Person): string {
  return person.`;

const moved = `function area(width: number, height: number): number {
  return width * height;
}

function perimeter(width: number, height: number): number {
  return 2 * (`;

const spoiled = `def mean(values):
    return sum(values) / len(values)


def largest(values):
    result = values[0]
    for value in values:
        if value > `;

const cursors = `const items = [3, 1, 2];
const sorted = items.sort();
const first = sorted[0];
const last = sorted[
`;

const locked = `class Stack {
  constructor() {
    this.items = [];
  }
  push(item) {
    this.items.push(item);
  }
  pop() {
    return this.`;

const notebook = JSON.stringify({
  cells: [
    {
      cell_type: 'code',
      source: ['def total(prices):\n', '    result = 0\n', '    for price in prices:\n', '        result +='],
      metadata: {},
      outputs: [],
      execution_count: null,
    },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

const list = '.quick-input-widget';
const rows = `${list} .quick-input-list .monaco-list-row`;

/** Runs the command and waits for the drafts. */
async function pick(page: Page): Promise<readonly string[]> {
  await page.keyboard.press('F1');
  await page.locator(`${list} input.input`).fill('>Candor: Pick a Draft');
  await page.locator(rows).filter({ hasText: 'Pick a Draft' }).first().waitFor();
  await page.keyboard.press('Enter');
  return offered(page);
}

async function offered(page: Page): Promise<readonly string[]> {
  await page.locator(rows).filter({ hasText: 'likely' }).first().waitFor();
  return page.locator(rows).allTextContents();
}

const preview = '.tab:has-text("Draft for")';

async function leave(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator(list).waitFor({ state: 'hidden' });
  await page.locator(preview).waitFor({ state: 'detached' });
}

async function message(page: Page): Promise<string> {
  const shown = page.locator('.notification-list-item-message').first();
  await shown.waitFor();
  return (await shown.textContent()) ?? '';
}

/** The part of the window that the preview stands in, beside the document. */
function beside(page: Page): Locator {
  return page.locator('.editor-group-container').filter({ has: page.locator(preview) });
}

/** What stands in the preview: the document with the draft in it. */
async function previewed(page: Page): Promise<string> {
  return (await beside(page).locator('.view-lines').innerText()).replaceAll('\u00a0', ' ');
}

describe('picking a draft', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench(
      inject('extensions'),
      {
        'names.ts': names,
        'moved.ts': moved,
        'spoiled.py': spoiled,
        'cursors.js': cursors,
        'locked.js': locked,
        'cells.ipynb': notebook,
      },
      {
        'candor.budgetMs': 20_000,
        'candor.maxTokens': 12,
        'candor.trigger': 'manual',
        'files.readonlyInclude': { '**/locked.js': true },
      },
    );
    await statusIs(workbench.page, 'ready');
  });
  afterAll(() => workbench.close());

  test('shows each draft in place; Escape leaves the document as it is', async () => {
    const { page, read } = workbench;
    await openFile(page, 'names.ts');
    expect((await pick(page)).length).toBeGreaterThan(1);
    await page.locator(preview).waitFor();
    await expect.poll(() => previewed(page)).toContain('return person.');
    const first = await previewed(page);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => previewed(page)).not.toBe(first);
    for (const width of [1600, 1100, 800]) {
      await page.setViewportSize({ width, height: 720 });
      await picture(page, `pick-a-draft-${width}`);
    }
    await page.setViewportSize({ width: 1200, height: 720 });
    await leave(page);
    await page.locator('.tab.active:has-text("names.ts"):not(.dirty)').waitFor();
    expect(read('names.ts')).toBe(names);
  });

  test('the preview is of the same language, marks the draft, and takes no typing', async () => {
    const { page, read } = workbench;
    await openFile(page, 'names.ts');
    for (const row of await pick(page)) expect(row).toMatch(/\d %? likely · \d+ tokens?/);
    await expect.poll(() => previewed(page)).toContain('return person.');
    // What the editor calls decorations of extensions.
    await expect
      .poll(() => beside(page).locator('.view-overlays [class*="ced-"]').count())
      .toBeGreaterThan(0);
    const before = await previewed(page);
    await beside(page).locator('.view-lines').click();
    await page.keyboard.type('typed');
    await expect.poll(() => page.locator('.monaco-editor-overlaymessage').textContent()).toMatch(/read-only/);
    expect(await previewed(page)).toBe(before);
    // Of the editor that was typed into.
    await page.locator('.statusbar-item:has-text("TypeScript")').waitFor();
    await page.locator(`${list} input.input`).click();
    await leave(page);
    expect(read('names.ts')).toBe(names);
  });

  test('by its keys: Enter inserts the highlighted draft; one undo takes it back', async () => {
    const { page, read } = workbench;
    await openFile(page, 'names.ts');
    await page.keyboard.press('Control+Alt+]');
    await offered(page);
    await page.keyboard.press('Enter');
    await page.locator('.tab.active.dirty:has-text("names.ts")').waitFor();
    await page.locator(preview).waitFor({ state: 'detached' });
    await save(page);
    const inserted = read('names.ts');
    expect(inserted.startsWith(names)).toBe(true);
    expect(inserted.length).toBeGreaterThan(names.length);
    await page.keyboard.press('Control+Z');
    await save(page);
    await expect.poll(() => read('names.ts')).toBe(names);
  });

  test('a change elsewhere moves the draft with the text', async () => {
    const { page, read, write } = workbench;
    await openFile(page, 'moved.ts');
    await pick(page);
    write('moved.ts', `// A comment.\n${moved}`);
    await expect.poll(() => previewed(page)).toContain('// A comment.');
    await page.keyboard.press('Enter');
    await page.locator('.tab.active.dirty:has-text("moved.ts")').waitFor();
    await page.locator(preview).waitFor({ state: 'detached' });
    await save(page);
    await expect.poll(() => read('moved.ts').length).toBeGreaterThan(moved.length + 14);
    expect(read('moved.ts').startsWith(`// A comment.\n${moved}`)).toBe(true);
  });

  test('a change at the cursor: nothing is inserted, and the reason is said', async () => {
    const { page, read, write } = workbench;
    await openFile(page, 'spoiled.py');
    await pick(page);
    write('spoiled.py', `${spoiled}other`);
    await expect
      .poll(() => page.locator(`${list} input.input`).getAttribute('placeholder'))
      .toMatch(/changed/);
    await picture(page, 'pick-a-draft-spoiled');
    await page.keyboard.press('Enter');
    expect(await message(page)).toMatch(/has changed, so the drafts no longer fit/);
    expect(read('spoiled.py')).toBe(`${spoiled}other`);
    await runCommand(page, 'Notifications: Clear All Notifications');
  });

  test('with a second cursor only the main one gets the draft, and the list says so', async () => {
    const { page, read } = workbench;
    await openFile(page, 'cursors.js');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    await runCommand(page, 'Add Cursor Above');
    await pick(page);
    const title = page.locator(`${list} .quick-input-title`);
    await expect.poll(() => title.textContent()).toContain('Main One of 2 Cursors');
    await page.keyboard.press('Enter');
    await page.locator('.tab.active.dirty:has-text("cursors.js")').waitFor();
    await page.locator(preview).waitFor({ state: 'detached' });
    await save(page);
    const before = cursors.split('\n');
    const changed = () =>
      read('cursors.js')
        .split('\n')
        .filter((line, at) => line !== before[at]);
    await expect.poll(changed).toHaveLength(1);
  });

  test('a read-only file stays as it is, and the reason is said', async () => {
    const { page, read } = workbench;
    await openFile(page, 'locked.js');
    await pick(page);
    await page.keyboard.press('Enter');
    expect(await message(page)).toMatch(/read-only/);
    await picture(page, 'pick-a-draft-read-only');
    expect(read('locked.js')).toBe(locked);
    await runCommand(page, 'Notifications: Clear All Notifications');
  });

  test('in a cell of a notebook', async () => {
    const { page, read } = workbench;
    await page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: 'cells.ipynb' })
      .dblclick();
    const cell = page.locator('.notebookOverlay .cell-editor-container .view-lines').first();
    await cell.click();
    await page.keyboard.press('Control+End');
    await pick(page);
    await picture(page, 'pick-a-draft-notebook');
    await page.keyboard.press('Enter');
    await page.locator('.tab.dirty:has-text("cells.ipynb")').waitFor();
    await page.locator(preview).waitFor({ state: 'detached' });
    await save(page);
    const written = () =>
      (JSON.parse(read('cells.ipynb')) as { cells: { source: string[] }[] }).cells[0]!.source.join('');
    await expect.poll(() => written().length).toBeGreaterThan(75);
    const source = written();
    expect(
      source.startsWith('def total(prices):\n    result = 0\n    for price in prices:\n        result +='),
    ).toBe(true);
  });
});
