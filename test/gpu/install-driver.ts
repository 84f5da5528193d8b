/**
 * Installs what the tests on WebGPU need on Linux: the Vulkan loader, and a driver that is all software.
 *
 *     node --import tsx test/gpu/install-driver.ts
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { driverFile } from './software-adapter.js';

const loaders = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/aarch64-linux-gnu/libvulkan.so.1'];

if (process.platform === 'linux') {
  const missing = [
    ...(existsSync(driverFile) ? [] : ['chromium-common']),
    ...(loaders.some((file) => existsSync(file)) ? [] : ['libvulkan1']),
  ];
  if (missing.length > 0) {
    console.log(`Installing Debian packages: ${missing.join(' ')}.`);
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  }
  console.log(`The software driver is installed: ${driverFile}.`);
} else {
  console.log(`Nothing to install on ${process.platform}: its own graphics driver is used.`);
}

function apt(...words: readonly string[]): void {
  const root = process.getuid?.() === 0;
  execFileSync(root ? 'apt-get' : 'sudo', root ? words : ['-n', 'apt-get', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
