/**
 * Takes the README's picture: real ghost text from the model that ships, in the real editor.
 *
 *     npm run build && npm run package && node --import tsx test/editor/take-readme-picture.ts
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { ghostText, openFile, openWorkbench, runCommand, statusIs } from './drive.js';
import { packagedExtension, root } from './editor-paths.js';
import { installExtension } from './editor-server.js';

const before = `/** One line of an order. */
export interface OrderLine {
  readonly product: string;
  readonly price: number;
  readonly quantity: number;
}

/** What the whole order costs. */
export function total(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
}

/** How many pieces were ordered. */
export function pieces(lines: readonly OrderLine[]): number {
`;

/** What the picture does without. */
const bare = {
  'breadcrumbs.enabled': false,
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'editor.scrollbar.vertical': 'hidden',
  'editor.overviewRulerBorder': false,
  'editor.hideCursorInOverviewRuler': true,
};

const extensions = installExtension(packagedExtension);
const settings = { ...bare, 'candor.budgetMs': 20_000, 'editor.fontSize': 14 };
const workbench = await openWorkbench(extensions, { 'order.ts': before }, settings, {
  width: 860,
  height: 480,
});
try {
  const { page } = workbench;
  await statusIs(page, 'ready');
  await openFile(page, 'order.ts');
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('  return');
  console.log(await ghostText(page));
  await statusIs(page, 'ready');
  await page.screenshot({
    path: path.join(root, 'docs/images/ghost-text.png'),
    animations: 'disabled',
    caret: 'initial',
  });
} finally {
  await workbench.close();
  rmSync(extensions, { recursive: true, force: true });
}
