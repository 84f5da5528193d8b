/** How long to wait after a keystroke: by typing speed, by how fast the model answers, and by how often it was refused. */
import type { CompletionContext } from './completion-context.js';
import type { Settings } from '../protocol.js';

/** What the wait is made of; times in milliseconds. */
export interface Pace {
  /** Between keystrokes, of late. */
  readonly typing: number;
  /** From asking the model to its answer, of late. */
  readonly response: number;
  /** Suggestions rejected in a row. */
  readonly rejections: number;
}

/** Before anything has been measured: a usual typist and a usual small model. */
export const initialPace: Pace = { typing: 200, response: 150, rejections: 0 };

/** The editor itself waits this long before it asks (monaco, `inlineCompletionsController`). */
const EDITOR_WAITS = 50;
const LONGEST_WAIT = 300;
/** Rejections in a row before we hold back, and how we do (Cody: up to 2000 ms after five). */
const PATIENCE = 5;
const BACK_OFF_STEP = 400;
const LONGEST_BACK_OFF = 2_000;
/** A pause longer than this says nothing about typing speed. */
const PAUSE = 2_000;
/** The share of the time between two keys that we are ready to wait for. */
const READY_TO_WAIT = 0.75;
/** Weight of the newest measurement in a running mean. */
const NEWEST = 0.25;

/**
 * Milliseconds to wait. A model that answers well within the time between two keys may be asked at once; one that is
 * slower had better wait for the next key. Not until it is due, though: a generation that agrees with the keys to come
 * goes on. At a line's start, and after an opening or a dot, half as long.
 */
export function waitBefore(context: CompletionContext, pace: Pace, settings: Settings): number {
  if (context.mode === 'explicit') return 0;
  const backOff = backOffFor(pace);
  if (0 < settings.delayMs) return Math.max(settings.delayMs, backOff);
  const share = pace.response / (pace.response + pace.typing);
  const inviting = /(^\s*|[.({[=,:>])$/.test(context.linePrefix.trimEnd()) ? 0.5 : 1;
  const wait = Math.min(READY_TO_WAIT * pace.typing * share * inviting, LONGEST_WAIT) - EDITOR_WAITS;
  return Math.round(Math.max(wait, backOff, 0));
}

/** The part of the wait that rejections cause; 0 when nothing holds us back. */
export function backOffFor({ rejections }: Pace): number {
  return Math.min(Math.max(rejections - PATIENCE + 1, 0) * BACK_OFF_STEP, LONGEST_BACK_OFF);
}

export function afterKeystroke(pace: Pace, sinceLast: number): Pace {
  return PAUSE < sinceLast ? pace : { ...pace, typing: mean(pace.typing, sinceLast) };
}

export function afterResponse(pace: Pace, took: number): Pace {
  return { ...pace, response: mean(pace.response, took) };
}

/** A response that was given up took at least so long. */
export function afterGivenUp(pace: Pace, took: number): Pace {
  return took <= pace.response ? pace : afterResponse(pace, took);
}

function mean(before: number, newest: number): number {
  return before + (newest - before) * NEWEST;
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export const waitByClock: Wait = (ms, signal) =>
  new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
