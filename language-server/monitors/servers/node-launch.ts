/** Starts a server that is a Node program, with a cap on its memory. */
import path from 'node:path';
import type { Launch } from './peer.js';

/** Megabytes of a server's heap: beyond, it ends, and is started again. */
const HEAP_MB = 2_048;

export function nodeLaunch(script: string, args: readonly string[]): Launch {
  return {
    command: process.execPath,
    args: [`--max-old-space-size=${HEAP_MB}`, script, ...args],
    // Inside the editor, our own Node is the editor's program.
    environment: { ELECTRON_RUN_AS_NODE: '1' },
    workingFolder: path.dirname(script),
  };
}
