/** What the setting `candor.stop` means: how likely a text must be what the author would write to go on with it. */
import type { Settings } from '../protocol.js';

type Level = Exclude<Settings['stop'], 'off'>;

/** The chances are those of the bundle's stop model; docs/exits.md shows what each level costs and gains. */
export const stopLevels: Readonly<Record<Level, number>> = { cautious: 0.15, balanced: 0.35, eager: 0.6 };
