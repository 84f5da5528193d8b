/** The house rules as tests: layers, first lines, lengths, names, one importer for native code, settings that agree. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../language-server/default-settings.js';

const root = path.resolve(import.meta.dirname, '..');

/** Files that git knows or would know: what a commit may hold. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '');

const isCode = (file: string) => /\.(ts|mjs|py)$/.test(file) && !file.startsWith('test/corpus/');
const sources = files.filter(
  (file) => isCode(file) && !file.includes('/cases/') && !file.includes('/samples/'),
);
const product = sources.filter(
  (file) => /^(syntax|language-server|extension|models|cli)\//.test(file) && file.endsWith('.ts'),
);

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Module specifiers of static imports, re-exports and dynamic imports with a literal. */
function importsOf(text: string): readonly string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The layer of a file: its folder, by the longest match. */
const layers = [
  'language-server/lsp',
  'language-server/completion',
  'language-server/decoding',
  'language-server/inference',
  'language-server/tokens',
  'language-server/constraints',
  'language-server/monitors',
  'language-server/holes',
  'language-server',
  'syntax',
  'models',
  'extension',
  'cli',
  'test',
] as const;
type Layer = (typeof layers)[number];

const layerOf = (file: string): Layer | undefined => layers.find((layer) => file.startsWith(`${layer}/`));

/** What each layer may import besides itself. `language-server` is the composition root: files right in that folder. */
const mayImport: Record<Layer, readonly Layer[]> = {
  syntax: [],
  'language-server/tokens': [],
  'language-server/inference': ['language-server/tokens'],
  'language-server/constraints': ['syntax'],
  'language-server/monitors': ['language-server/constraints', 'syntax'],
  'language-server/holes': ['syntax'],
  'language-server/decoding': [
    'language-server/inference',
    'language-server/tokens',
    'language-server/constraints',
    'syntax',
  ],
  'language-server/completion': [
    'language-server/decoding',
    'language-server/monitors',
    'language-server/holes',
    'language-server/constraints',
    'language-server/inference',
    'language-server/tokens',
    'syntax',
  ],
  'language-server/lsp': ['language-server/completion', 'language-server/decoding'],
  'language-server': [
    'language-server/lsp',
    'language-server/completion',
    'language-server/decoding',
    'language-server/inference',
    'language-server/tokens',
    'language-server/constraints',
    'language-server/monitors',
    'language-server/holes',
    'syntax',
  ],
  models: ['language-server/inference', 'language-server/tokens'],
  extension: [],
  cli: [
    'language-server',
    'language-server/completion',
    'language-server/decoding',
    'language-server/inference',
    'language-server/tokens',
    'models',
    'syntax',
  ],
  test: layers,
};

/** Plain records at the root of the server that every layer of it may name. */
const shared = new Set(['language-server/protocol.ts', 'language-server/default-settings.ts']);

function strayImports(file: string): readonly string[] {
  const layer = layerOf(file);
  if (!layer) return [];
  return importsOf(read(file))
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'))
    .filter((target) => {
      const other = layerOf(target);
      if (other === undefined || other === layer) return false;
      if (shared.has(target))
        return layer === 'syntax' || (layer === 'extension' && target !== 'language-server/protocol.ts');
      return !mayImport[layer].includes(other);
    })
    .map((target) => `${file} → ${target}`);
}

describe('layers', () => {
  test('dependencies point one way', () => {
    expect(product.flatMap(strayImports)).toEqual([]);
  });

  test('the rule sees an upward import', () => {
    expect(
      importsOf("import type { A } from '../lsp/server.js';\nconst b = await import('../main.js');"),
    ).toEqual(['../lsp/server.js', '../main.js']);
  });

  test('nothing of the product imports tests', () => {
    const stray = product.filter((file) =>
      importsOf(read(file)).some((specifier) => /(^|\/)test\//.test(specifier)),
    );
    expect(stray).toEqual([]);
  });

  test.each([
    'onnxruntime-node',
    'onnxruntime-web',
    'web-tree-sitter',
    'vscode-jsonrpc',
    '@huggingface/tokenizers',
  ])('%s is imported in at most one file', (library) => {
    const importers = product.filter((file) =>
      importsOf(read(file)).some((specifier) => specifier === library || specifier.startsWith(`${library}/`)),
    );
    expect(importers.length, importers.join(', ')).toBeLessThanOrEqual(1);
  });

  test('syntax/ knows no Node', () => {
    const stray = product.filter((file) => file.startsWith('syntax/') && /['"]node:/.test(read(file)));
    expect(stray).toEqual([]);
  });
});

describe('files', () => {
  test('the first line says what the file is for', () => {
    const speaks = (text: string) =>
      /^(\/\*\*?(\n \*)?|\/\/|#|""")[ \t]*[^\s*/]/.test(text.replace(/^#!.*\n/, ''));
    expect(sources.filter((file) => !speaks(read(file)))).toEqual([]);
    expect(['//\nlet a;', '/** */', 'let a;', '#!/bin/sh\nls'].filter(speaks)).toEqual([]);
  });

  test('no file of the product is longer than 400 lines', () => {
    const long = sources
      .map((file) => ({ file, lines: read(file).split('\n').length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  test('no file has a name that says nothing', () => {
    const vague = /(^|\/)(utils?|helpers?|common|types|misc|manager|service)\.(ts|mjs|py)$/;
    expect(sources.filter((file) => vague.test(file))).toEqual([]);
  });

  test('no file but the model is large', () => {
    const large = files.filter((file) => !file.startsWith('models/') && read(file).length > 1_500_000);
    expect(large).toEqual([]);
  });

  test('no default exports but where a tool asks for one', () => {
    const stray = product.filter((file) => /^export default/m.test(read(file)));
    expect(stray).toEqual([]);
  });
});

describe('settings', () => {
  interface Property {
    readonly default: unknown;
    readonly description?: string;
    readonly markdownDescription?: string;
  }
  const manifest = JSON.parse(read('package.json')) as {
    contributes: { configuration: { properties: Record<string, Property> } };
    capabilities: { untrustedWorkspaces: { restrictedConfigurations: readonly string[] } };
  };
  const { properties } = manifest.contributes.configuration;

  test('package.json offers exactly the settings record, with its defaults', () => {
    const offered = Object.fromEntries(
      Object.entries(properties).map(([name, { default: value }]) => [name, value]),
    );
    const record = Object.fromEntries(
      Object.entries(defaultSettings).map(([name, value]) => [`candor.${name}`, value]),
    );
    expect(offered).toEqual(record);
  });

  test('every setting is explained', () => {
    const mute = Object.entries(properties).filter(
      ([, { description, markdownDescription }]) => !(description ?? markdownDescription),
    );
    expect(mute).toEqual([]);
  });

  test('settings that choose programs, models or addresses are closed to untrusted workspaces', () => {
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain('candor.bundle');
  });
});
