/** Reads files of the workspace for their signatures: bounded in size, and never outside the workspace's folders. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Document } from './document.js';
import type { Neighbors } from './snippets.js';

/** `folders` are absolute. Links that lead outside are not followed. */
export function neighborsIn(folders: readonly string[], open: readonly Document[]): Neighbors {
  const roots = Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  return {
    open,
    folders,
    async read(path, maxBytes) {
      try {
        const real = await realpath(path);
        const inside = (await roots).some((root) => root !== undefined && real.startsWith(root + sep));
        const { size } = await stat(real);
        return inside && size <= maxBytes ? await readFile(real, 'utf8') : undefined;
      } catch {
        // Most candidate paths do not exist; that is how imports are resolved.
        return undefined;
      }
    },
  };
}
