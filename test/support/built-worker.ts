/** The worker as it ships, built into a folder of the cache, with the grammars beside it. */
import { copyFile, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildForTests } from './build.js';

export interface BuiltWorker {
  readonly workerFile: string;
  readonly grammarsDir: string;
  remove(): void;
}

export async function buildWorker(grammars: readonly string[] = []): Promise<BuiltWorker> {
  const built = await buildForTests({ worker: 'language-server/worker.ts' });
  const workerFile = built.file('worker');
  const grammarsDir = path.join(path.dirname(workerFile), 'grammars');
  await mkdir(grammarsDir);
  const { resolve } = createRequire(import.meta.url);
  const list = await readFile(path.resolve(import.meta.dirname, '../../syntax/grammars.json'), 'utf8');
  const packaged = JSON.parse(list) as Readonly<Record<string, string>>;
  const runtime = resolve('web-tree-sitter/web-tree-sitter.wasm');
  await copyFile(runtime, path.join(grammarsDir, 'web-tree-sitter.wasm'));
  for (const name of grammars)
    await copyFile(resolve(packaged[name]!), path.join(grammarsDir, `${name}.wasm`));
  return {
    workerFile,
    grammarsDir,
    remove: () => {
      built.remove();
    },
  };
}

/** A folder for stand-in workers. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'candor-'));
}
