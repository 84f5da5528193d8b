/** Installs the packaged extension once for all tests in the editor, and takes it away afterwards. */
import { existsSync, rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { editorEntry, packagedExtension } from './editor-paths.js';
import { installExtension } from './editor-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of extensions with ours in it. */
    extensions: string;
  }
}

export default function setup(project: TestProject): () => void {
  if (!existsSync(editorEntry)) throw new Error('The editor is not installed: run `npm run test:editor`.');
  if (!existsSync(packagedExtension)) {
    throw new Error(`There is no ${packagedExtension}: run \`npm run build && npm run package\`.`);
  }
  const extensions = installExtension(packagedExtension);
  project.provide('extensions', extensions);
  return () => {
    rmSync(extensions, { recursive: true, force: true });
  };
}
