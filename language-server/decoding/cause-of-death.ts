/** Why a worker ended, in a sentence for the user. */

/** `error` is what it threw, if anything; `code` is its exit code. */
export function causeOfDeath(error: (Error & { code?: string }) | undefined, code: number): string {
  if (error?.code === 'ERR_WORKER_OUT_OF_MEMORY' || isAllocationFailure(error)) {
    return 'The engine ran out of memory: close other programs, or choose a smaller bundle or prompt.';
  }
  return error ? `The engine stopped: ${error.message}.` : `The engine stopped with exit code ${code}.`;
}

/** What V8, ONNX Runtime and WebAssembly say when memory is not to be had. */
function isAllocationFailure(error: Error | undefined): boolean {
  return /allocation failed|bad_alloc|out of memory/i.test(error?.message ?? '');
}
