/** What the server is doing, and how it is started. */
import type { Settings } from './settings.js';
import type { SilenceReason } from './silence.js';

/** Sent by the server whenever its state changes. */
export const stateNotification = 'candor/state';

interface Ready {
  readonly model: string;
  readonly device: string;
  /** Why it runs there: a sentence or two. */
  readonly why?: string;
  /** What goes without, and why, in sentences: names that nobody checks. Absent when all is well. */
  readonly limits?: string;
}

export type ServerState =
  | { readonly kind: 'loading'; readonly what: string; readonly fraction: number }
  | ({ readonly kind: 'ready' } & Ready)
  /** Ready, but the last request was answered with nothing. */
  | ({ readonly kind: 'quiet'; readonly reason: SilenceReason; readonly detail: string } & Ready)
  | ({ readonly kind: 'busy' } & Ready)
  | { readonly kind: 'unavailable'; readonly problem: string; readonly remedy: string };

/** Client to server: try all devices and tell about them. Takes minutes; answers with `DeviceReport`. */
export const deviceReportRequest = 'candor/deviceReport';
export interface DeviceReport {
  /** The whole report, for a page. */
  readonly markdown: string;
}

/** Passed in `initializationOptions`. */
export interface InitializationOptions {
  readonly settings: Settings;
  readonly trusted: boolean;
  /** Absolute folder of the bundle that ships. */
  readonly defaultBundle: string;
  /** Absolute folder of the grammars that ship. */
  readonly grammars: string;
  /** Absolute folder in which what is found out about the workspace is kept on this machine. */
  readonly storage?: string;
}
