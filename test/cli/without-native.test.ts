/**
 * The built program on a machine whose native library of ONNX Runtime is missing or broken: WebAssembly answers, and it
 * is said. Needs `npm run build`.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompleteJson } from '../../cli/complete-json.js';
import { randomBundleFolder, removeBundle } from '../support/random-engine.js';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'candor-bare-'));
const modules = path.join(scratch, 'dist/node_modules');
let bundle: string;

beforeAll(async () => {
  bundle = await randomBundleFolder({ architecture: { layers: 2 }, exits: [1, 2] });
  mkdirSync(modules, { recursive: true });
  for (const file of ['cli.mjs', 'worker.mjs', 'probe.mjs', 'web-graph.mjs'])
    cpSync(path.join(root, 'dist', file), path.join(scratch, 'dist', file));
  symlinkSync(path.join(root, 'dist/grammars'), path.join(scratch, 'dist/grammars'));
  for (const name of ['onnxruntime-web', 'onnxruntime-common'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  symlinkSync(path.join(root, 'package.json'), path.join(scratch, 'package.json'));
  writeFileSync(path.join(scratch, 'add.js'), 'const add = (a, b) => a + \n');
});
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await removeBundle(bundle);
});

function run(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, XDG_STATE_HOME: path.join(scratch, 'state') };
  const program = path.join(scratch, 'dist/cli.mjs');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** The library's package with something in place of its binary. */
function breakLibrary(): void {
  const target = path.join(modules, 'onnxruntime-node');
  for (const part of ['package.json', 'dist'])
    cpSync(path.join(root, 'node_modules/onnxruntime-node', part), path.join(target, part), {
      recursive: true,
    });
  const binary = path.join(target, 'bin/napi-v6', process.platform, process.arch);
  mkdirSync(binary, { recursive: true });
  writeFileSync(path.join(binary, 'onnxruntime_binding.node'), 'This is no library. '.repeat(200));
}

test.each([
  ['missing', () => undefined, /Cannot find package 'onnxruntime-node'/],
  ['broken', breakLibrary, /invalid ELF header|not a mach-o file|not a valid Win32|slice is not valid/],
])(
  'a library that is %s',
  async (_, spoil, reason) => {
    spoil();
    const place = `${path.join(scratch, 'add.js')}:1:27`;
    const { code, stdout, stderr } = await run(
      'complete',
      place,
      '--json',
      '--no-monitors',
      '--bundle',
      bundle,
    );
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as CompleteJson;
    expect(answer.device).toBe('wasm');
    expect(stderr).toMatch(/The native library of ONNX Runtime does not load on \w+-\w+/);
    expect(stderr).toMatch(reason);
    expect(stderr).toContain('WebAssembly runs the model');

    const { stdout: report } = await run('devices', '--bundle', bundle);
    expect(report).toMatch(/runs on \*\*WebAssembly\*\*\. The native library of ONNX Runtime does not load/);
    expect(report).toMatch(/\| WebAssembly \| works, prompt in chunks of \d+ \| \d+\.\d \| \d+\.\d \| +\|/);
    expect(report).not.toContain('the measure');
  },
  600_000,
);

test('the same answer as where the library loads and WebAssembly is asked for', async () => {
  const place = `${path.join(scratch, 'add.js')}:1:27`;
  const bare = await run('complete', place, '--json', '--no-monitors', '--bundle', bundle);
  const asked = await new Promise<string>((resolve) => {
    const words = ['complete', place, '--json', '--no-monitors', '--bundle', bundle, '--device', 'wasm'];
    execFile(process.execPath, [path.join(root, 'dist/cli.mjs'), ...words], (_, stdout) => {
      resolve(stdout);
    });
  });
  const told = (text: string) => {
    const { items, device, silence } = JSON.parse(text) as CompleteJson;
    return { items, device, silence };
  };
  expect(told(asked)).toEqual(told(bare.stdout));
}, 600_000);
