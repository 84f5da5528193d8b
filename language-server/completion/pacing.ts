/** How long an automatic request waits for the user to pause: owner of what is known about typing and the model's speed. */
import type { CompletionContext } from './completion-context.js';
import type { Settings } from '../protocol.js';
import * as debounce from './debounce.js';
import { cancelled, silence, type Silence } from './silence.js';

export class Pacing {
  private pace = debounce.initialPace;
  private lastChange = -Infinity;

  constructor(private readonly wait: debounce.Wait) {}

  /** The text has changed, `now` milliseconds by a clock that only goes forward. */
  keystroke(now: number): void {
    this.pace = debounce.afterKeystroke(this.pace, now - this.lastChange);
    this.lastChange = now;
  }

  /** A generation has taken so many milliseconds, to its end or until it was given up. */
  generated(took: number, ended: boolean): void {
    this.pace = (ended ? debounce.afterResponse : debounce.afterGivenUp)(this.pace, took);
  }

  /** Waits for the user to pause. Tells why to say nothing when that did not happen. `rejections` came in a row. */
  async pause(
    context: CompletionContext,
    settings: Settings,
    rejections: number,
    signal: AbortSignal,
    isLatest: () => boolean,
  ): Promise<Silence | undefined> {
    const pace = { ...this.pace, rejections };
    await this.wait(debounce.waitBefore(context, pace, settings), signal);
    if (!signal.aborted && (isLatest() || context.mode === 'explicit')) return undefined;
    const backOff = context.mode === 'explicit' ? 0 : debounce.backOffFor(pace);
    if (backOff === 0) return cancelled;
    const wait = `${(backOff / 1000).toFixed(1)} s`;
    return silence(
      'backing-off',
      `${rejections} suggestions in a row were rejected, so the next waits ${wait}.`,
    );
  }
}
