/** The package as installed holds only what runs, and all of it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, test } from 'vitest';

const extensions = inject('extensions');
const folder = readdirSync(extensions).find((name) => name.startsWith('candor.candor-')) ?? 'not installed';
const files = readdirSync(path.join(extensions, folder), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(path.join(extensions, folder), path.join(entry.parentPath, entry.name)));

const platform = `${process.platform}/${process.arch}`;

/** Everything that may ship; VS Code adds the first. */
const allowed = [
  /^\.vsixmanifest$/,
  /^(package\.json|readme\.md|changelog\.md|LICENSE\.txt|THIRD_PARTY_NOTICES\.md)$/i,
  /^docs\/images\/[\w-]+\.png$/,
  /^extension\/walkthrough\/\w+\.md$/,
  /^dist\/(extension\.cjs|server\.mjs|worker\.mjs|json-server\.mjs|models\.mjs|probe\.mjs|web-graph\.mjs)$/,
  /^dist\/node_modules\/pyright\/(package\.json|LICENSE\.txt|langserver\.index\.js|dist\/[\w-]+\.js)$/,
  /^dist\/node_modules\/pyright\/dist\/typeshed-fallback\//,
  /^dist\/node_modules\/typescript-language-server\/(package\.json|lib\/cli\.mjs)$/,
  new RegExp(
    `^dist/node_modules/@typescript/typescript-${process.platform}-${process.arch}/(package\\.json|LICENSE|NOTICE\\.txt|lib/)`,
  ),
  /^dist\/grammars\/[\w-]+\.wasm$/,
  /^models\/[\w-]+\/[\w.-]+\.(json|onnx|bin)$/,
  /^dist\/node_modules\/onnxruntime-(node|common)\/(package\.json|dist\/[\w./-]+\.js|dist\/(cjs|esm)\/package\.json)$/,
  /^dist\/node_modules\/onnxruntime-web\/(package\.json|dist\/(ort\.node\.min|ort-wasm-simd-threaded)\.mjs)$/,
  /^dist\/node_modules\/onnxruntime-web\/dist\/ort-wasm-simd-threaded\.wasm$/,
  new RegExp(`^dist/node_modules/onnxruntime-node/bin/napi-v6/${platform}/[\\w.-]+$`),
];

test('holds nothing but what runs', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
});

test('holds every file that the bundle names, and both bundles of code', () => {
  const bundle = files.find((file) => file.endsWith('/bundle.json')) ?? 'no bundle';
  const description = JSON.parse(readFileSync(path.join(extensions, folder, bundle), 'utf8')) as {
    readonly files: readonly { readonly file: string }[];
  };
  const named = description.files.map(({ file }) => `${path.dirname(bundle)}/${file}`);
  const typescript = `dist/node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`;
  const servers = [typescript, 'dist/node_modules/pyright/langserver.index.js', 'dist/json-server.mjs'];
  const web = ['dist/web-graph.mjs', 'dist/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'];
  const needed = [...named, ...servers, ...web, 'dist/extension.cjs', 'dist/server.mjs', 'dist/worker.mjs'];
  expect(named.length).toBeGreaterThan(5);
  expect(needed.filter((file) => !files.includes(file))).toEqual([]);
});

test('tells of the works that it holds', () => {
  const notices = readFileSync(path.join(extensions, folder, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  for (const work of [
    'onnxruntime-node',
    'onnxruntime-web',
    'web-tree-sitter',
    'vscode-languageclient',
    'SmolLM2',
    'pyright',
    '@typescript/typescript-',
  ]) {
    expect(notices).toContain(work);
  }
});
