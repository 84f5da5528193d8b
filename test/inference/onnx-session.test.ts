/** What ONNX Runtime's failures become: sentences that name the thing and the remedy. */
import { afterEach, expect, test, vi } from 'vitest';
import { EngineFailure } from '../../language-server/inference/engine-failure.js';
import { startRuntime } from '../../language-server/inference/onnx-session.js';

afterEach(() => {
  vi.doUnmock('onnxruntime-node');
  vi.resetModules();
});

test('a native library that does not load', async () => {
  vi.doMock('onnxruntime-node', () => {
    throw new Error('libonnxruntime.so.1: cannot open shared object file');
  });
  const starting = startRuntime(1);
  await expect(starting).rejects.toThrow(EngineFailure);
  await expect(starting).rejects.toThrow(/native library of ONNX Runtime does not load on \w+-\w+/);
});

test.each(['std::bad_alloc', 'Failed to allocate memory for requested buffer of size 4096'])(
  'too little memory: %s',
  async (message) => {
    vi.doMock('onnxruntime-node', () => ({
      InferenceSession: { create: () => Promise.reject(new Error(message)) },
      Tensor: undefined,
    }));
    const runtime = await startRuntime(1);
    await expect(runtime.load('block-0.onnx')).rejects.toThrow(
      /block-0\.onnx: not enough memory\. Close other programs/,
    );
  },
);

test('a graph that is not there', async () => {
  const runtime = await startRuntime(1);
  await expect(runtime.load('/nowhere/block-0.onnx')).rejects.toThrow(/cannot load \/nowhere\/block-0\.onnx/);
});
