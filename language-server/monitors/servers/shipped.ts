/** Where the analysis servers that ship lie: beside the built code, or in the checkout. */
import { accessSync, chmodSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Absolute path of a file of a package that ships, or undefined when it is not there. */
export function shippedFile(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** TypeScript's native server of this platform. */
export function nativeTypeScript(): string | undefined {
  const folder = `@typescript/typescript-${process.platform}-${process.arch}`;
  const manifest = shippedFile(`${folder}/package.json`);
  const program = process.platform === 'win32' ? 'tsc.exe' : 'tsc';
  const file = manifest && path.join(path.dirname(manifest), 'lib', program);
  if (file === undefined || !existsSync(file)) return undefined;
  makeExecutable(file);
  return file;
}

/** Some unpackers of extensions forget that a program is one. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    // Where that is forbidden, starting it says so.
    try {
      chmodSync(file, 0o755);
    } catch {
      return;
    }
  }
}

/** Our own server for JSON, as built. */
export function jsonServer(): string | undefined {
  const places = ['./json-server.mjs', '../../../dist/json-server.mjs'];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
}
