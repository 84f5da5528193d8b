/** Builds entry points as the product's own build does, into a folder of the cache that a test run owns. */
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

export interface Built {
  /** Absolute path of an entry's output. */
  file(entry: string): string;
  remove(): void;
}

/** `entries` are names and sources relative to the repository. The folder lies in it, so native modules are found. */
export async function buildForTests(entries: Readonly<Record<string, string>>): Promise<Built> {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(root, '.cache/built-'));
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    banner: { js: banner },
  });
  return {
    file: (entry) => path.join(folder, `${entry}.mjs`),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
