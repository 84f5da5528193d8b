/** Holes in the real editor with the model that ships: calibrate by the command, Tab, fill the hole, Tab, go on. */
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

const colors =
  'red green blue black white orange purple yellow brown pink gray cyan magenta olive navy teal silver gold maroon ' +
  'lime coral ivory khaki plum salmon sienna tan tomato violet wheat azure beige crimson indigo lavender linen';

/** Functions that are alike but for two numbers that nobody could guess. */
function palette(names: readonly string[]): string {
  const functions = names.map((name, index) => {
    const [one, other] = [37, 53].map((factor) => 1 + ((index * factor + name.length * 11) % 9));
    return `export function ${name}(): void {\n  paint('${name}', ${one}, ${other});\n}\n`;
  });
  return ["import { paint } from './paint';\n", ...functions].join('\n');
}

const names = colors.split(' ');
const files = Object.fromEntries(
  [0, 9, 18, 27].map((start) => [`colors${start}.ts`, palette(names.slice(start, start + 9))]),
);
const known = ['light', 'dark', 'bright', 'soft', 'deep', 'warm', 'cold', 'vivid', 'faded'];
const open = `${palette(known)}\nexport function pale(): void {\n`;

describe('holes', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    const settings = { 'candor.holes': 0.3 };
    workbench = await openWorkbench(inject('extensions'), { ...files, 'new.ts': `${open}\n}\n` }, settings);
    await statusIs(workbench.page, 'ready');
  });
  afterAll(() => workbench.close());

  test('come after a calibration, and are filled by Tab', { timeout: 600_000 }, async () => {
    const { page, read } = workbench;
    await runCommand(page, 'Candor: Calibrate on This Workspace');
    await page.locator('.tab.active:has-text("Preview Calibration.md")').waitFor({ timeout: 420_000 });
    await picture(page, 'calibration');
    // The picture of the page, which the preview may only show as data.
    const drawn = page
      .frameLocator('iframe.webview.ready')
      .frameLocator('iframe#active-frame')
      .locator('img[alt="Coverage on held-out files"]');
    await drawn.scrollIntoViewIfNeeded();
    expect(
      await drawn.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBeGreaterThan(0);
    await picture(page, 'calibration-picture');

    await openFile(page, 'new.ts');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.type('  ');
    const ghost = await ghostText(page);
    await picture(page, 'holes-ghost-text');
    expect(ghost).toMatch(/^paint\('pale', \d+, \d+\);$/);
    await page.keyboard.press('Tab');
    await picture(page, 'holes-accepted');
    // The numbers are the holes. The first stands selected; nothing is suggested until all are filled.
    await page.keyboard.type('77');
    expect(await shownGhostText(page)).toBe('');
    await page.keyboard.press('Tab');
    // What else the model would say there is in the list.
    const choices = page.locator('.suggest-widget.visible .monaco-list-row');
    await choices.nth(1).waitFor();
    await picture(page, 'holes-second');
    const second = ((await choices.nth(1).getAttribute('aria-label')) ?? '').split(',')[0]!;
    expect(second).toMatch(/^\d+$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await shownGhostText(page)).toBe('');
    await page.keyboard.type(' // filled');
    await save(page);
    await picture(page, 'holes-filled');
    expect(read('new.ts')).toBe(`${open}  paint('pale', 77, ${second}); // filled\n}\n`);
  });
});
