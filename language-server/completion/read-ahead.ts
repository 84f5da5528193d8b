/** Has the model read the text around a resting cursor, so that the first suggestion there need not wait for it. */
import type { Settings } from '../protocol.js';
import { gatherContext, type Place } from './completion-context.js';
import type { Document } from './document.js';
import type { Engine } from './engine.js';
import { renderPrompt } from './render-prompt.js';
import { displayPath, type Neighbors, type StickySnippets } from './snippets.js';
import { worthAsking } from './worth-asking.js';

export interface ReadAheadServices {
  readonly engine: () => Engine;
  readonly settings: () => Settings;
  readonly neighbors: () => Neighbors;
  readonly snippets: StickySnippets;
  /** Whether something is being written: that has precedence. */
  readonly isBusy: () => boolean;
  /** Hears one line for each text that was read. */
  readonly log: (line: string) => void;
}

/** Where the cursor rests, by its document as it was then. */
type Rest = Omit<Place, 'mode' | 'selected'>;

/** Remembers one cursor: that of the editor in use. */
export class ReadAhead {
  private resting: Rest | undefined;

  constructor(private readonly services: ReadAheadServices) {}

  /** The cursor rests here. Resolves when the text has been read, or was not worth reading. */
  async cursorRests(place: Rest): Promise<void> {
    this.resting = place;
    await this.read(place);
  }

  /** The engine has become ready: it may read what was waiting for it. */
  async engineReady(): Promise<void> {
    if (this.resting) await this.read(this.resting);
  }

  /** A cursor in another text than the present one says nothing any more. */
  documentChanged({ uri }: Document): void {
    if (this.resting?.document.uri === uri) this.resting = undefined;
  }

  private async read(place: Rest): Promise<void> {
    const {
      engine: engineOf,
      settings: settingsOf,
      neighbors: neighborsOf,
      snippets,
      isBusy,
      log,
    } = this.services;
    const settings = settingsOf();
    const engine = engineOf();
    if (!settings.readAhead || settings.trigger === 'manual') return;
    if (engine.kind !== 'ready' || !engine.writer.read || isBusy()) return;
    // What keeps an automatic request quiet at this very column, such as a word after it, may be gone with the next key.
    const context = gatherContext({ ...place, mode: 'explicit' });
    if (worthAsking(context, settings) || context.before.trim() === '') return;
    const neighbors = neighborsOf();
    const gathered = await snippets.gather(
      { ...context, mode: 'automatic' },
      neighbors,
      settings.promptTokens,
    );
    if (this.resting !== place || isBusy()) return;
    const path = displayPath(context.document.uri, neighbors.folders);
    const reading = await engine.writer.read(
      renderPrompt(context, path, gathered, engine.model.prompt, settings.promptTokens),
    );
    if (!reading) return;
    const { promptTokens, reusedTokens, promptMs } = reading;
    log(
      `${path} read ahead | prompt ${promptTokens} tokens, ${reusedTokens} reused, ${promptMs.toFixed(0)} ms`,
    );
  }
}
