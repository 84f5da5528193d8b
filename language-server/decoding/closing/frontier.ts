/** The ways of closing a draft that are still open, the likeliest first, and which of them are worth a run of the network. */
import { Cancelled } from '../../inference/cancellation.js';
import type { Decoding } from '../decode.js';
import type { Draft } from '../draft.js';
import { answeredWithin, extend, type Judging } from '../grow.js';
import type { Ways } from './ways.js';

/** A draft that has left what it went on with. */
export interface Closing {
  readonly draft: Draft;
  /** Tokens of the draft that it left. */
  readonly from: number;
  /** Natural logarithm of the probability of the tokens written since. */
  readonly logProb: number;
}

/** Read at once, by what they are good for; only the likeliest few of each place that was left. */
const MOST = { joining: 6, nearer: 6, others: 4 };
const MOST_OF_A_PLACE = 2;
/** Tokens that are put before the grammar for one run. */
const MOST_LOOKED_AT = 400;

type Use = keyof typeof MOST;

interface Waiting {
  readonly before: Closing;
  readonly ways: Ways;
  readonly index: number;
  readonly logProb: number;
}

/** A way that the constraint allows. */
interface Allowed extends Closing {
  readonly use: Use;
}

/** Most ways that are looked at are never taken: nobody is asked about them, and what is open counts as allowed. */
const unasked: Judging['answers'] = {
  prefetch: () => undefined,
  settle: (allowed) => Promise.resolve({ allowed }),
};

/** Owner of the ways of closing one draft. */
export class Frontier {
  private readonly waiting: Waiting[] = [];
  private readonly allowed = new Map<Waiting, Allowed>();
  private readonly looking: Judging;

  constructor(private readonly decoding: Decoding) {
    this.looking = { ...decoding, answers: unasked };
  }

  /** `before` could go on in these ways; not with the token that the draft itself went on with. */
  add(before: Closing, ways: Ways, except?: number): void {
    for (const [index, { token, probability }] of ways.tokens.entries())
      if (token !== except)
        this.waiting.push({ before, ways, index, logProb: before.logProb + Math.log(probability) });
  }

  /** No way that is left can come to more than this. */
  get best(): number {
    return this.waiting.reduce((best, { logProb }) => Math.max(best, logProb), -Infinity);
  }

  /** Takes those that are to be read next; as many as there is time for. @throws Cancelled when cancelled. */
  async take(isLate: () => boolean): Promise<readonly Closing[]> {
    const left = { ...MOST };
    const places = new Map<string, number>();
    const taken: Closing[] = [];
    let looked = 0;
    for (const way of this.waiting.sort((a, b) => b.logProb - a.logProb).slice()) {
      if (this.decoding.cancellation.requested) throw new Cancelled('The drafts are no longer needed.');
      if (isLate() || looked === MOST_LOOKED_AT || Object.values(left).every((most) => most === 0)) break;
      if (!this.allowed.has(way)) looked++;
      const closing = this.allowed.get(way) ?? (await this.look(way));
      if (!closing) {
        this.drop(way);
        continue;
      }
      this.allowed.set(way, closing);
      const place = `${closing.use} ${closing.from}`;
      const ofPlace = places.get(place) ?? 0;
      if (left[closing.use] === 0 || MOST_OF_A_PLACE <= ofPlace) continue;
      this.drop(way);
      const asked = await this.ask(closing);
      if (!asked) continue;
      left[closing.use]--;
      places.set(place, ofPlace + 1);
      taken.push(asked);
    }
    return taken;
  }

  private async look({ before, ways, index, logProb }: Waiting): Promise<Allowed | undefined> {
    if (this.decoding.maxTokens <= before.draft.tokens.length) return undefined;
    const { token, probability } = ways.tokens[index]!;
    const draft = await extend(before.draft, token, Math.log(probability), ways, this.looking);
    if (!('branch' in draft) || draft.ending) return undefined;
    return { draft, from: before.from, logProb, use: useOf(draft, this.decoding) };
  }

  /** The closing once what it asks is answered; undefined where that forbids it. */
  private async ask(closing: Closing): Promise<Closing | undefined> {
    const { draft } = closing;
    const { constraint, text, tokens } = draft;
    const settled = await answeredWithin(constraint, text.length, tokens.length - 1, this.decoding);
    return 'allowed' in settled
      ? { ...closing, draft: { ...draft, constraint: settled.allowed } }
      : undefined;
  }

  private drop(way: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(way), 1);
    this.allowed.delete(way);
  }
}

function useOf(draft: Draft, decoding: Decoding): Use {
  if (mayStand(draft, decoding)) return 'joining';
  return /^[^\p{L}\p{N}]*[)\]}>"'`][^\p{L}\p{N}]*$|^\s*(?:end|fi|done|esac|pass)$/u.test(
    draft.tokens.at(-1)!.text,
  )
    ? 'nearer'
    : 'others';
}

/** Whether the draft says something, and joins with what follows the cursor as it is. */
export function mayStand({ text, constraint, heldBack }: Draft, { healed, after }: Decoding): boolean {
  const written = text.slice(healed.length);
  const says = /[^\s;,]/.test(written) && /\S$/.test(written) && !writesNext(written, after);
  return says && heldBack.length === 0 && constraint.mayEnd();
}

/** Whether its last line is the next one of the file, and no mere bracket: it would be shown without that line. */
function writesNext(written: string, after: string | undefined): boolean {
  const next = after?.split('\n', 2)[1]?.trimEnd();
  const last = /\n(.*)$/.exec(written)?.[1];
  return last !== undefined && last === next && !/^\s*[)\]}>;,]+$/.test(last);
}
