/** Where driver files of Vulkan are looked for, on real folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vulkanDrivers } from '../../../language-server/inference/devices/vulkan-drivers.js';

let folder: string;
let nvidia: string;
let lavapipe: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-drivers-'));
  nvidia = driver('nvidia/share/vulkan/icd.d', 'nvidia_icd.json');
  lavapipe = driver('data/vulkan/icd.d', 'lvp_icd.x86_64.json');
  writeFileSync(path.join(folder, 'data/vulkan/icd.d/README'), '');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function driver(under: string, name: string): string {
  mkdirSync(path.join(folder, under), { recursive: true });
  const file = path.join(folder, under, name);
  writeFileSync(file, '{}');
  return file;
}

test('in the folders of XDG, driver files only', async () => {
  const data = path.join(folder, 'data');
  const found = await vulkanDrivers({ HOME: folder, XDG_DATA_DIRS: `${data}::${path.join(folder, 'none')}` });
  // Those of this machine's own /etc come too.
  expect(found.filter((file) => file.startsWith(folder))).toEqual([lavapipe]);
  const more = await vulkanDrivers({
    HOME: folder,
    XDG_DATA_DIRS: `${data}:${path.join(folder, 'nvidia/share')}`,
  });
  expect(more.filter((file) => file.startsWith(folder))).toEqual([lavapipe, nvidia]);
});

test('files and folders that are named, then nothing else', async () => {
  const XDG_DATA_DIRS = path.join(folder, 'data');
  expect(await vulkanDrivers({ VK_DRIVER_FILES: nvidia, VK_ICD_FILENAMES: lavapipe, XDG_DATA_DIRS })).toEqual(
    [nvidia],
  );
  expect(await vulkanDrivers({ VK_DRIVER_FILES: path.dirname(nvidia), XDG_DATA_DIRS })).toEqual([nvidia]);
  expect(await vulkanDrivers({ VK_DRIVER_FILES: '', VK_ICD_FILENAMES: `${nvidia}:${lavapipe}` })).toEqual([
    nvidia,
    lavapipe,
  ]);
  expect(await vulkanDrivers({ VK_DRIVER_FILES: path.join(folder, 'missing.json'), XDG_DATA_DIRS })).toEqual(
    [],
  );
});

test('files that are named besides, before the others and once', async () => {
  const found = await vulkanDrivers({
    VK_ADD_DRIVER_FILES: `${nvidia}:${lavapipe}`,
    XDG_DATA_DIRS: path.join(folder, 'data'),
  });
  expect(found.filter((file) => file.startsWith(folder))).toEqual([nvidia, lavapipe]);
});
