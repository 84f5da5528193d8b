/** A probe in another process: whatever becomes of that process, the verdict says it in words, and we live on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from '../../../language-server/inference/devices/device.js';
import { runProbe } from '../../../language-server/inference/devices/run-probe.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-probe-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let scripts = 0;

function probeThat(does: string, limitMs = 30_000, device: Device = 'webgpu') {
  const script = path.join(folder, `${scripts++}.mjs`);
  writeFileSync(script, does);
  return runProbe({ bundle: '/nowhere', device, threads: 1 }, { script, limitMs });
}

test('a driver that aborts the process', async () => {
  const verdict = await probeThat(
    `process.on('message', () => { console.error('terminate called'); process.abort(); });`,
  );
  expect(verdict.plan).toBeUndefined();
  expect(verdict.failure?.problem).toMatch(
    /^The test of WebGPU failed: its process ended with SIG(ABRT|ILL|TRAP)\.$/,
  );
  expect(verdict.details.join('\n')).toContain('terminate called');
});

test('a driver that hangs', async () => {
  const verdict = await probeThat(`process.on('message', () => { for (;;); });`, 1_500);
  expect(verdict.failure?.problem).toContain('it was not done after 2 seconds');
});

test('a process that says nothing', async () => {
  const verdict = await probeThat(`process.on('message', () => process.exit(7));`);
  expect(verdict.failure?.problem).toContain('its process ended with exit code 7');
});

test('a script that is not there', async () => {
  const run = { script: path.join(folder, 'missing.mjs') };
  const verdict = await runProbe({ bundle: '/nowhere', device: 'webgpu', threads: 1 }, run);
  expect(verdict.failure?.problem).toContain('its process ended with exit code 1');
});

test('a failure in words', async () => {
  const verdict = await probeThat(
    `process.on('message', () => process.send({ kind: 'failed', message: 'Failed to get a WebGPU adapter: No supported adapters' }, () => process.exit()));`,
  );
  expect(verdict.failure?.problem).toBe('WebGPU finds no graphics adapter that it can use.');
});

test('a library of CUDA that is missing, which ONNX Runtime names in its log alone', async () => {
  const said =
    '\u001b[1;31m2026-11-26 11:24:01.550414942 [E:onnxruntime:onnxruntime-node, provider_bridge_ort.cc:2146 Create] ' +
    '/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& ' +
    'onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library ' +
    '/native/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such ' +
    'file or directory\u001b[m';
  const message = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
  const verdict = await probeThat(
    `process.on('message', () => {
      console.error(${JSON.stringify(said)});
      process.send({ kind: 'failed', message: ${JSON.stringify(message)} }, () => process.exit());
    });`,
    30_000,
    'cuda',
  );
  expect(verdict.failure).toEqual({
    problem: 'CUDA needs the library libcublasLt.so.13, which is missing.',
    remedy: 'Install the CUDA 13 runtime, and let the loader find it (ldconfig or LD_LIBRARY_PATH).',
  });
  expect(verdict.details.join('\n')).toContain('libonnxruntime_providers_cuda.so with error');
});

test('logits that are wrong', async () => {
  const result = {
    processor: { prompt1000Ms: 1, tokenMs: 1 },
    failures: ['float32, chunks of 16: wrong logits (80.0 % off)'],
  };
  const verdict = await probeThat(
    `process.on('message', () => process.send({ kind: 'result', result: ${JSON.stringify(result)} }, () => process.exit()));`,
  );
  expect(verdict.failure?.problem).toContain('WebGPU computes wrongly on this adapter');
});

test('a result', async () => {
  const plan = { device: 'webgpu', grouped: 'float16', chunkTokens: 128 };
  const result = {
    plan,
    logitError: 0.01,
    speed: { prompt1000Ms: 10, tokenMs: 1 },
    processor: { prompt1000Ms: 100, tokenMs: 12 },
    failures: [],
  };
  const verdict = await probeThat(
    `process.on('message', () => process.send({ kind: 'result', result: ${JSON.stringify(result)} }, () => process.exit()));`,
  );
  expect(verdict).toMatchObject({ device: 'webgpu', plan, logitError: 0.01 });
  expect(verdict.failure).toBeUndefined();
});
