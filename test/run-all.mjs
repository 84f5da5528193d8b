/**
 * Everything that must hold, in order, with one closing line: `npm run test:all` after `npm ci --ignore-scripts`.
 *
 * A step that fails does not keep the later ones from running, except where they need what it makes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const reports = path.join(root, 'test-output');
mkdirSync(reports, { recursive: true });

const vitest = (config, report) => [
  ...['npx', 'vitest', 'run', '--config', config],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${path.join(reports, report)}`],
];

const steps = [
  { name: 'check', command: ['npm', 'run', '-s', 'check'] },
  { name: 'build', command: ['npm', 'run', '-s', 'build'], needed: true },
  { name: 'test', command: vitest('vitest.config.ts', 'unit.json'), report: 'unit.json' },
  {
    name: 'install the software graphics driver',
    command: ['node', '--import', 'tsx', 'test/gpu/install-driver.ts'],
    needed: true,
  },
  {
    name: 'test on WebGPU',
    command: vitest('test/gpu/vitest.config.ts', 'gpu.json'),
    report: 'gpu.json',
  },
  { name: 'package', command: ['npm', 'run', '-s', 'package'], needed: true },
  {
    name: 'install the editor',
    command: ['node', '--import', 'tsx', 'test/editor/install-editor.ts'],
    needed: true,
  },
  {
    name: 'test in the editor',
    command: vitest('test/editor/vitest.config.ts', 'editor.json'),
    report: 'editor.json',
  },
];

let passed = 0;
let failed = 0;
const broken = [];
for (const { name, command, needed, report } of steps) {
  console.log(`\n=== ${name}`);
  const began = Date.now();
  if (report) rmSync(path.join(reports, report), { force: true });
  const [program, ...words] = command;
  const { status } = spawnSync(program, words, { cwd: root, stdio: 'inherit' });
  console.log(
    `=== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${Math.round((Date.now() - began) / 1000)} s`,
  );
  const counts = report ? read(report) : undefined;
  passed += counts?.numPassedTests ?? 0;
  failed += counts?.numFailedTests ?? 0;
  if (status === 0) continue;
  broken.push(name);
  // A step that fails without a failed test, as a file that does not load, counts as one failure.
  if (!counts?.numFailedTests) failed += 1;
  if (needed) break;
}

if (broken.length > 0) console.log(`\nSteps that failed: ${broken.join(', ')}.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = broken.length > 0 ? 1 : 0;

function read(report) {
  try {
    return JSON.parse(readFileSync(path.join(reports, report), 'utf8'));
  } catch {
    return undefined;
  }
}
