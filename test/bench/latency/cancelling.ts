/** How long the engine goes on after it was told to stop: cancelled at random moments of reading and writing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writer, WriteRequest } from '../../../language-server/decoding/write-request.js';
import { randomFor } from '../random.js';
import type { Cut } from '../cases.js';

/** Within this many milliseconds after the request; long enough to meet writing too. */
const LATEST_MS = 600;
const PROMPT_TOKENS = 1_024;

/** Milliseconds from the cancellation to the writer's answer; undefined when it had finished before. */
export async function cancelMs(cut: Cut, writer: Writer, seed: number): Promise<number | undefined> {
  const controller = new AbortController();
  const state = { finished: false };
  const writing = writer.write(requestFor(cut), controller.signal).then((outcome) => {
    state.finished = true;
    return outcome;
  });
  await sleep(LATEST_MS * randomFor(seed, `cancel ${cut.id}`)());
  if (state.finished) return undefined;
  const told = performance.now();
  controller.abort();
  const { silence } = await writing;
  return silence?.reason === 'cancelled' ? performance.now() - told : undefined;
}

/** Nothing of it is in the cache: the text before the cursor differs from case to case. */
function requestFor({ before, after, file }: Cut): WriteRequest {
  return {
    prompt: {
      parts: [{ kind: 'text', text: before.slice(-6_000), trim: 'start' }],
      maxTokens: PROMPT_TOKENS,
    },
    fillsIn: false,
    program: { languageId: file.languageId, before, after },
    shape: 'statement',
    drafts: 1,
    drafting: 'branches',
    nearby: [],
    maxTokens: 64,
    syntax: true,
    backUp: 1,
    leastClosing: 0.05,
    monitors: 'off',
    inComments: true,
    inStrings: true,
  };
}
