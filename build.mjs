// Builds what runs: the extension, the server, its worker and the command line, with the grammars beside them.
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');

/** ESM bundles still contain CommonJS libraries; those call `require`. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'],
};

/** What is bundled from what; notices.mjs reads it too. */
export const builds = [
  {
    ...shared,
    entryPoints: { extension: 'extension/main.ts' },
    format: 'cjs',
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
  },
  {
    ...shared,
    entryPoints: {
      server: 'language-server/main.ts',
      worker: 'language-server/worker.ts',
      probe: 'language-server/probe.ts',
      models: 'models/manage/main.ts',
      'web-graph': 'models/convert/web-graph.ts',
      cli: 'cli/main.ts',
    },
    format: 'esm',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    banner: { js: requireBanner },
  },
  {
    ...shared,
    entryPoints: { 'json-server': 'language-server/json-server.ts' },
    format: 'esm',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    banner: { js: requireBanner },
    // The JSON service's CommonJS looks for its parts by names that no bundler sees.
    mainFields: ['module', 'main'],
  },
];

/** Grammars and the WebAssembly runtime are files that the worker loads by path. */
async function copyGrammars() {
  const list = path.join(root, 'syntax/grammars.json');
  await mkdir(path.join(root, 'dist/grammars'), { recursive: true });
  const runtime = path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm');
  await copyFile(runtime, path.join(root, 'dist/grammars/web-tree-sitter.wasm'));
  if (!existsSync(list)) return;
  for (const [name, from] of Object.entries(JSON.parse(await readFile(list, 'utf8')))) {
    await copyFile(path.join(root, 'node_modules', from), path.join(root, `dist/grammars/${name}.wasm`));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!watch) await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await copyGrammars();
  for (const options of builds) {
    if (watch) await (await esbuild.context(options)).watch();
    else await esbuild.build(options);
  }
}
