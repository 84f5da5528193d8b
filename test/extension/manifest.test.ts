/** package.json and the extension's code agree: commands, files, and what the walkthrough points to. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../language-server/lsp/from-protocol.js';
import { acceptCommand } from '../../language-server/protocol.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Step {
  readonly description: string;
  readonly media: { readonly markdown: string };
}
const manifest = JSON.parse(read('package.json')) as {
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly enum?: readonly unknown[] }>>;
    };
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
  };
};
const commands = manifest.contributes.commands.map(({ command }) => command);
const code = readdirSync(path.join(root, 'extension'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(`extension/${file}`))
  .join('\n');

describe('package.json', () => {
  test('offers exactly the commands that the code registers, but for the one that accepts', () => {
    const registered = [...read('extension/commands.ts').matchAll(/^ {4}'(candor\.\w+)':/gm)].map(
      ([, name]) => name,
    );
    expect(registered.toSorted()).toEqual(commands.toSorted());
    expect(commands).not.toContain(acceptCommand);
  });

  test('every command that code or walkthrough names is there', () => {
    const steps = manifest.contributes.walkthroughs.flatMap(({ steps }) => steps);
    const inSteps = steps.flatMap(({ description }) => [...description.matchAll(/command:(candor\.\w+)/g)]);
    const inCode = [...code.matchAll(/command(?:\(|: )'(candor\.\w+)'/g)];
    const named = [...inSteps, ...inCode].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => name === undefined || !commands.includes(name))).toEqual([]);
  });

  test('the server takes every value that the editor offers for a setting', () => {
    const offered = Object.entries(manifest.contributes.configuration.properties).flatMap(([name, shape]) =>
      (shape.enum ?? []).map((value) => ({ [name.replace('candor.', '')]: value })),
    );
    expect(offered.length).toBeGreaterThan(15);
    expect(offered.flatMap((value) => readSettings(value).problems)).toEqual([]);
    expect(readSettings({ exits: 'deep', depthCaps: { cpu: 0 } }).problems).toHaveLength(2);
  });

  test('the files it points to exist', () => {
    const media = manifest.contributes.walkthroughs.flatMap(({ steps }) =>
      steps.map((step) => step.media.markdown),
    );
    const missing = [manifest.icon, ...media].filter((file) => !existsSync(path.join(root, file)));
    expect(missing).toEqual([]);
  });

  test('the client, the packer and the notices speak of the same bundle', () => {
    const named = ['extension/client.ts', 'package.mjs', 'notices.mjs', 'language-server/main.ts'].map(
      (file) => /models\/[\w-]+/.exec(read(file))?.[0],
    );
    expect(new Set(named).size, named.join(', ')).toBe(1);
  });

  test('the oldest editor it claims is the one it is compiled against', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode'] ?? ''}`);
  });
});
