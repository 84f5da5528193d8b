/**
 * The driver files that the Vulkan loader would find on Linux: WebGPU needs one. By the loader's own rules
 * (Khronos, “Driver interface to the Vulkan Loader”, Driver Discovery on Linux).
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Without repeats, in the loader's order. Never rejects: what cannot be read is left out. */
export async function vulkanDrivers(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly string[]> {
  // Either names files and folders, and then nothing else counts; the first is the newer name.
  const named = parts(environment.VK_DRIVER_FILES) ?? parts(environment.VK_ICD_FILENAMES);
  const places = named ?? [...(parts(environment.VK_ADD_DRIVER_FILES) ?? []), ...folders(environment)];
  return [...new Set((await Promise.all(places.map(filesAt))).flat())];
}

function folders(environment: NodeJS.ProcessEnv): readonly string[] {
  const { HOME, XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = environment;
  const home = (folder: string) => (HOME ? [path.join(HOME, folder)] : []);
  return [
    ...(parts(XDG_CONFIG_HOME) ?? home('.config')),
    ...(parts(XDG_CONFIG_DIRS) ?? ['/etc/xdg']),
    '/etc',
    ...(parts(XDG_DATA_HOME) ?? home('.local/share')),
    ...(parts(XDG_DATA_DIRS) ?? ['/usr/local/share', '/usr/share']),
  ].map((folder) => path.join(folder, 'vulkan/icd.d'));
}

/** Undefined when nothing is named. */
function parts(variable: string | undefined): readonly string[] | undefined {
  const named = variable?.split(':').filter((part) => part !== '') ?? [];
  return named.length > 0 ? named : undefined;
}

/** A file itself, or the driver files of a folder. */
async function filesAt(place: string): Promise<readonly string[]> {
  const found = await stat(place).catch(() => undefined);
  if (!found) return [];
  if (!found.isDirectory()) return [place];
  const names = await readdir(place).catch(() => []);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => path.join(place, name));
}
