/** How the server's state reads to the user: a pure function from state to words, icon and severity. */
import type { ServerState, Settings, SilenceReason } from '../language-server/protocol.js';

/** What the client knows: what the server last said, or that there is no server to say anything. */
export type ClientState =
  | ServerState
  | { readonly kind: 'starting' }
  | { readonly kind: 'stopped'; readonly problem: string; readonly remedy: string };

export interface StatusView {
  /** One word for the state, as the tests and screen readers find it. */
  readonly state: 'starting' | 'loading' | 'ready' | 'quiet' | 'busy' | 'off' | 'unavailable';
  /** Text of the status bar item: an icon, our name, at most a percentage, so that it does not jump about. */
  readonly text: string;
  /** One sentence or two: the state, and why. */
  readonly detail: string;
  readonly severity: 'information' | 'warning' | 'error';
  readonly busy: boolean;
}

/** Silences that tell of a switch, which we know better; the others are about one place in one text. */
const switches: readonly SilenceReason[] = ['off', 'language-off'];

/**
 * The view of a state; `off` names the switch that silences completions for the file in view, or is empty. `stop` says
 * when suggestions stop on uncertainty.
 */
export function statusView(state: ClientState, off: string, stop: Settings['stop'] = 'off'): StatusView {
  const view = viewOf(state, off);
  const isAtWork = view.state === 'ready' || view.state === 'quiet' || view.state === 'busy';
  if (!isAtWork || stop === 'off') return view;
  return { ...view, detail: `${view.detail} Suggestions stop where the model is unsure (${stop}).` };
}

function viewOf(state: ClientState, off: string): StatusView {
  switch (state.kind) {
    case 'starting':
      return working('starting', '$(loading~spin) Candor', 'The language server is starting.');
    case 'loading': {
      const percent = Math.round(100 * Math.min(1, Math.max(0, state.fraction)));
      return working(
        'loading',
        `$(loading~spin) Candor ${percent} %`,
        `Loading ${state.what}: ${percent} %.`,
      );
    }
    case 'unavailable':
    case 'stopped':
      return {
        state: 'unavailable',
        text: '$(error) Candor',
        detail: `${state.problem} ${state.remedy}`.trim(),
        severity: 'error',
        busy: false,
      };
    case 'ready':
    case 'busy':
    case 'quiet':
      if (off !== '') return calm('off', '$(circle-slash) Candor', off);
  }
  const model = `${state.model} on ${state.device}`;
  const limits = state.limits === undefined ? '' : ` Names are not checked: ${state.limits}`;
  if (state.kind === 'busy') return working('busy', '$(loading~spin) Candor', `${model} is writing.`);
  // The switch that silenced the last request has been turned since, or was another file's.
  if (state.kind === 'ready' || switches.includes(state.reason)) {
    const reason = state.why === undefined ? '' : ` ${state.why}`;
    return calm('ready', '$(sparkle) Candor', `${model} is ready.${reason}${limits}`);
  }
  const why = sentence(state.detail === '' ? state.reason : state.detail);
  return calm('quiet', '$(sparkle) Candor', `No suggestion: ${why} (${model})${limits}`);
}

function working(state: StatusView['state'], text: string, detail: string): StatusView {
  return { state, text, detail, severity: 'information', busy: true };
}

function calm(state: StatusView['state'], text: string, detail: string): StatusView {
  return { state, text, detail, severity: 'information', busy: false };
}

function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
