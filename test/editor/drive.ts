/** Driving the workbench's page as a user would: files, keys, the palette; and reading what it shows. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { findBrowser, pictures } from './editor-paths.js';
import { startEditorServer } from './editor-server.js';

export interface Workbench {
  readonly page: Page;
  /** Addresses outside this machine that the page has asked. */
  readonly asked: ReadonlySet<string>;
  readonly close: () => Promise<void>;
  /** The text of a file on disk. */
  readonly read: (name: string) => string;
  /** Changes a file on disk, as another program would. */
  readonly write: (name: string, text: string) => void;
}

/** The longest that we wait for the model or the page; far above what either takes. */
export const patience = 60_000;

/** Opens a new editor over `files`, with `settings` on top of those that keep it still. */
export async function openWorkbench(
  extensions: string,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>> = {},
  size = { width: 1200, height: 720 },
): Promise<Workbench> {
  const server = await startEditorServer(extensions, files, settings);
  const profile = mkdtempSync(path.join(os.tmpdir(), 'candor-browser-'));
  const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser() ?? 'chromium',
    viewport: size,
    args: [...flags, '--disable-background-networking', '--disable-component-update'],
  });
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(patience);
  const asked = new Set<string>();
  page.on('request', (request) => {
    const { protocol, hostname, host } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && hostname !== '127.0.0.1') asked.add(host);
  });
  await page.goto(server.address);
  await page.waitForSelector('.monaco-workbench .statusbar');
  return {
    page,
    asked,
    read: (name) => readFileSync(path.join(server.folder, name), 'utf8'),
    write: (name, text) => {
      writeFileSync(path.join(server.folder, name), text);
    },
    close: async () => {
      await browser.close();
      await server.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Keeps a picture of the page for whoever looks at the run. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
}

/** Opens a file of the folder and puts the cursor at its end. */
export async function openFile(page: Page, name: string): Promise<void> {
  await page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: name }).first().dblclick();
  await page.locator(`.tab.active:has-text("${name}")`).waitFor();
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.press('Control+End');
}

/** Runs a command by its title in the palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input.input');
  await input.waitFor();
  await input.fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Waits until our status bar item tells of this state, and returns all that it tells. */
export async function statusIs(page: Page, state: string): Promise<string> {
  const item = page.locator(`.statusbar-item [aria-label^="Candor: ${state}"]`).first();
  await item.waitFor();
  return (await item.getAttribute('aria-label')) ?? '';
}

/** Asks for a suggestion at the cursor, and then for the reason why there was none. */
export async function whyNotHere(page: Page): Promise<string> {
  await runCommand(page, 'Candor: Trigger');
  return why(page);
}

/** What Candor answers when asked why the last request got no suggestion. */
export async function why(page: Page): Promise<string> {
  await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'Candor: Why Was There No Suggestion?');
  const message = page.locator('.notification-list-item-message').first();
  await message.waitFor();
  return (await message.textContent()) ?? '';
}

/** The ghost text that is shown, once there is some. */
export async function ghostText(page: Page): Promise<string> {
  await page.locator('[class*="ghost-text"]').first().waitFor();
  return shownGhostText(page);
}

/** The ghost text that is shown now; empty when there is none. */
export async function shownGhostText(page: Page): Promise<string> {
  const inline = await page.locator('.view-lines .ghost-text-decoration').allTextContents();
  const below = await page.locator('.suggest-preview-text .view-line').allTextContents();
  return [inline.join(''), ...below].join('\n').replaceAll('\u00a0', ' ');
}

/** Saves the file in view and waits until the tab says so. */
export async function save(page: Page): Promise<void> {
  await page.keyboard.press('Control+S');
  await page.locator('.tab.active:not(.dirty)').waitFor();
}
