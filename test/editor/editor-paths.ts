/** Where the real editor, its Node and the browser are, and which versions of them the tests use. */
import { existsSync } from 'node:fs';
import path from 'node:path';

interface Editor {
  /** Version of the Node that it runs on, as the registry's `node-…` packages carry it. */
  readonly node: string;
  readonly flags: readonly string[];
  /** Further native modules without which it does not start. */
  readonly rebuild: readonly string[];
}

/** code-server 4.139.1 is VS Code 1.139.1; 4.93.1 (VS Code 1.93.1) is the oldest near our floor that runs. */
const editors: Readonly<Record<string, Editor>> = {
  '4.139.1': { node: '24.21.0', flags: [], rebuild: [] },
  '4.93.1': { node: '20.19.4', flags: ['--legacy-peer-deps'], rebuild: ['argon2'] },
};

/** `CANDOR_EDITOR=4.93.1` runs the same tests in the older editor. */
export const editorVersion = process.env.CANDOR_EDITOR ?? '4.139.1';

const chosen = editors[editorVersion];
if (!chosen) {
  throw new Error(`CANDOR_EDITOR is ${editorVersion}; known are ${Object.keys(editors).join(' and ')}.`);
}
export const editor: Editor = chosen;

export const root = path.resolve(import.meta.dirname, '../..');
export const editorFolder = path.join(root, '.cache/editor', editorVersion);
export const nodePackage = `node-${process.platform}-${process.arch}`;
/** The registry carries Node for Linux only; elsewhere the tests run under the Node that the editor needs. */
export const editorNode =
  process.platform === 'linux'
    ? path.join(editorFolder, 'node_modules', nodePackage, 'bin/node')
    : process.execPath;
export const editorEntry = path.join(editorFolder, 'node_modules/code-server/out/node/entry.js');

/** Pictures of each run; git ignores them. */
export const pictures = path.join(root, 'test-output/editor');

/** The VSIX that `npm run package` made last; another may be named to try a change in isolation. */
export const packagedExtension =
  process.env.CANDOR_VSIX ?? path.join(root, `candor-${process.platform}-${process.arch}.vsix`);

/** A Chromium-like browser, or nothing when none is installed. */
export function findBrowser(): string | undefined {
  const places = [
    process.env.CANDOR_BROWSER ?? '',
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  return places.find((file) => file !== '' && existsSync(file));
}
