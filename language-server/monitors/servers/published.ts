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
    {
      readonly version: number;
      /** Whether the server has said of which version it speaks. */
      readonly isSure: boolean;
      readonly diagnostics: readonly ServerDiagnostic[];
    }
  >();
  private listeners: (() => void)[] = [];
  private awaited = 0;

  /** Takes a notification; what is none is passed over. */
  take(params: unknown): void {
    const read = shape.safeParse(params);
    if (!read.success) return;
    const { uri, version } = read.data;
    const diagnostics = readDiagnostics(read.data.diagnostics);
    const isSure = version !== undefined && version !== null;
    this.latest.set(uri, { version: version ?? this.awaited, isSure, diagnostics });
    this.wake();
  }

  /** The server has said, after it started, that it can be asked. */
  askInstead(): void {
    this.canBeAsked = true;
    this.wake();
  }

  /** Diagnostics of a text at a version or later. Undefined when none come in time, or the server is to be asked. */
  async of(uri: string, version: number, ms: number): Promise<readonly ServerDiagnostic[] | undefined> {
    this.awaited = version;
    const end = performance.now() + ms;
    while (!this.canBeAsked) {
      const known = this.latest.get(uri);
      if (known && known.version >= version) {
        if (!known.isSure) await pause(SETTLE_MS);
        return this.latest.get(uri)!.diagnostics;
      }
      const left = end - performance.now();
      if (left <= 0) return undefined;
      await this.news(left);
    }
    return undefined;
  }

  /** Resolves when something has come, or after so many milliseconds. */
  private news(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wake(): void {
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
