/** What the user reads for each state of the server. */
import { describe, expect, test } from 'vitest';
import { statusView, type ClientState } from '../../extension/status-view.js';

const running = { model: 'SmolLM2', device: 'cpu' };

const cases: readonly (readonly [string, ClientState, string, string])[] = [
  [
    'starting',
    { kind: 'starting' },
    '',
    'starting | $(loading~spin) Candor | The language server is starting.',
  ],
  [
    'loading with progress',
    { kind: 'loading', what: 'the model', fraction: 0.426 },
    '',
    'loading | $(loading~spin) Candor 43 % | Loading the model: 43 %.',
  ],
  [
    'progress past its end',
    { kind: 'loading', what: 'the model', fraction: 1.2 },
    '',
    'loading | $(loading~spin) Candor 100 % | Loading the model: 100 %.',
  ],
  ['ready', { kind: 'ready', ...running }, '', 'ready | $(sparkle) Candor | SmolLM2 on cpu is ready.'],
  [
    'ready, and why there',
    { kind: 'ready', ...running, why: 'The setting candor.device asks for it.' },
    '',
    'ready | $(sparkle) Candor | SmolLM2 on cpu is ready. The setting candor.device asks for it.',
  ],
  ['busy', { kind: 'busy', ...running }, '', 'busy | $(loading~spin) Candor | SmolLM2 on cpu is writing.'],
  [
    'quiet and why',
    { kind: 'quiet', ...running, reason: 'in-comment', detail: 'the cursor is in a comment' },
    '',
    'quiet | $(sparkle) Candor | No suggestion: the cursor is in a comment. (SmolLM2 on cpu)',
  ],
  [
    'quiet without words: the reason itself',
    { kind: 'quiet', ...running, reason: 'dead-end', detail: '' },
    '',
    'quiet | $(sparkle) Candor | No suggestion: dead-end. (SmolLM2 on cpu)',
  ],
  [
    'a silence by a switch that no longer holds is over',
    { kind: 'quiet', ...running, reason: 'language-off', detail: 'Off for markdown.' },
    '',
    'ready | $(sparkle) Candor | SmolLM2 on cpu is ready.',
  ],
  [
    'switched off while ready',
    { kind: 'ready', ...running },
    'Completions are switched off.',
    'off | $(circle-slash) Candor | Completions are switched off.',
  ],
  [
    'loading is told even when switched off',
    { kind: 'loading', what: 'the model', fraction: 0 },
    'Completions are switched off.',
    'loading | $(loading~spin) Candor 0 % | Loading the model: 0 %.',
  ],
  [
    'unavailable and why',
    { kind: 'unavailable', problem: 'There is no bundle.', remedy: 'Install Candor again.' },
    '',
    'unavailable | $(error) Candor | There is no bundle. Install Candor again.',
  ],
  [
    'stopped for good',
    { kind: 'stopped', problem: 'The server ended.', remedy: 'Restart it.' },
    'Completions are switched off.',
    'unavailable | $(error) Candor | The server ended. Restart it.',
  ],
];

describe('the status item', () => {
  test.each(cases)('%s', (_, state, off, expected) => {
    const view = statusView(state, off);
    expect(`${view.state} | ${view.text} | ${view.detail}`).toBe(expected);
  });

  test('only a state that needs the user is an error, and only unfinished ones are busy', () => {
    const views = cases.map(([, state, off]) => statusView(state, off));
    expect(views.filter((view) => (view.severity === 'error') !== (view.state === 'unavailable'))).toEqual(
      [],
    );
    const busy = ['starting', 'loading', 'busy'];
    expect(views.filter((view) => view.busy !== busy.includes(view.state))).toEqual([]);
  });
});
