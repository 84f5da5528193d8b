/** Diagnostics that a server sends when it sees fit: the latest of each text, and a way to wait for them. */
import { z } from 'zod';
import { readDiagnostics, type ServerDiagnostic } from './read-diagnostics.js';

const shape = z.object({ uri: z.string(), version: z.int().nullish(), diagnostics: z.unknown() });

/** A server that does not say what version it speaks of has this long to say the rest. */
const SETTLE_MS = 50;

export class Published {
  /** Whether the server has said since it started that it can be asked instead. */
  canBeAsked = false;
  private readonly latest = new Map<
    string,
    { readonly version: number; readonly diagnostics: readonly ServerDiagnostic[] }
  >();
  private listeners: (() => void)[] = [];
  private awaited = 0;

  /** Takes a notification; what is none is passed over. */
  take(params: unknown): void {
    const read = shape.safeParse(params);
    if (!read.success) return;
    const { uri, version } = read.data;
    const diagnostics = readDiagnostics(read.data.diagnostics);
    this.latest.set(uri, { version: version ?? this.awaited, diagnostics });
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
  }

  /** Diagnostics of a text at a version or later; waits for them as long as `signal` lets it. */
  async of(
    uri: string,
    version: number,
    signal: AbortSignal,
  ): Promise<readonly ServerDiagnostic[] | undefined> {
    this.awaited = version;
    for (;;) {
      const known = this.latest.get(uri);
      if (known && known.version >= version) {
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        return this.latest.get(uri)!.diagnostics;
      }
      if (signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.listeners.push(resolve);
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
  }
}
