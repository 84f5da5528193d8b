/**
 * A graphics card made of software, for machines without one: SwiftShader, as Debian's chromium-common ships it.
 *
 * On Linux the tests always take it, so that they measure the same thing everywhere; `CANDOR_GPU=real` takes the
 * machine's own card. Windows and macOS have drivers of their own.
 */
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The file that names the driver to the Vulkan loader. */
export const driverFile = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Variables that choose the software adapter; empty where the machine's own card is to be used. */
export function adapterVariables(): Record<string, string> {
  if (process.platform !== 'linux' || process.env.CANDOR_GPU === 'real') return {};
  if (!existsSync(driverFile)) {
    throw new Error(
      `There is no ${driverFile}: run \`node --import tsx test/gpu/install-driver.ts\`, or set CANDOR_GPU=real.`,
    );
  }
  return { VK_ICD_FILENAMES: driverFile, XDG_RUNTIME_DIR: runtimeFolder() };
}

/** Variables under which there is no adapter at all. */
export function noAdapterVariables(): Record<string, string> {
  return { VK_ICD_FILENAMES: '/nonexistent.json', XDG_RUNTIME_DIR: runtimeFolder() };
}

/** The driver wants such a folder, which is missing where nobody has logged in. */
function runtimeFolder(): string {
  const given = process.env.XDG_RUNTIME_DIR;
  if (given !== undefined && existsSync(given)) return given;
  const folder = path.join(tmpdir(), `candor-runtime-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A new folder for what a test leaves behind. */
export function scratchFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'candor-gpu-'));
}
