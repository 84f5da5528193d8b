/**
 * Texts that are written side by side in place of one that was wrong: each is checked as soon as it is whole, while the
 * others go on, and all end once one is found clean that none of them could beat.
 */
import type { Decoding } from './decode.js';
import { isWhole, type Draft } from './draft.js';
import type { Monitoring } from './monitoring.js';

/** How drafts are checked. */
interface Judging {
  readonly decoding: Pick<Decoding, 'healed' | 'answers'>;
  readonly monitoring: Pick<Monitoring, 'check' | 'verdict'>;
}

type Runner = Pick<Draft, 'tokens' | 'text' | 'ending' | 'takenBack' | 'parted'>;

/** Steps that the others get once the one with the likeliest beginning is finished. */
const STEPS_MORE = 3;

/** Follows one batch of drafts. Mutable; owned by one decoding. */
export class Race {
  /** Resolves when the others need not go on. */
  readonly over: Promise<void>;
  private steps = 0;
  private end = Infinity;
  private drafts: readonly Runner[] = [];
  private readonly checked = new Set<string>();
  private readonly clean = new Set<string>();
  private finish: () => void = () => undefined;

  /**
   * @param kept what all of them begin with.
   * @param breaksMore whether a text is no better than the wrong one though the server finds no error in it.
   */
  constructor(
    private readonly kept: Pick<Draft, 'takenBack'>,
    private readonly breaksMore: (runner: Pick<Draft, 'text'>) => boolean,
    private readonly judging: Judging,
  ) {
    this.over = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  get isOver(): boolean {
    return this.end <= this.steps;
  }

  /** The drafts are so long now. */
  see(drafts: readonly Runner[]): void {
    this.steps++;
    this.drafts = drafts;
    for (const draft of drafts) if (isWhole(draft)) this.check(draft);
    const worth = drafts.filter((draft) => !isWhole(draft) || !this.breaksMore(draft));
    const likeliest = Math.max(...worth.map((draft) => this.likelihood(draft)));
    const isDone = worth.some((draft) => isWhole(draft) && this.likelihood(draft) === likeliest);
    if (isDone) this.end = Math.min(this.end, this.steps + STEPS_MORE);
    this.decide();
  }

  /** Of the token with which it parted from the others: sums would favour whatever ends at once. */
  likelihood({ tokens, parted }: Pick<Draft, 'tokens' | 'parted'>): number {
    return parted === undefined ? -Infinity : (tokens[parted]?.logProb ?? -Infinity);
  }

  private check({ text, tokens }: Runner): void {
    const { decoding, monitoring } = this.judging;
    const written = text.slice(decoding.healed.length);
    if (this.checked.has(text) || written.trim() === '' || this.breaksMore({ text })) return;
    this.checked.add(text);
    void decoding.answers.meanwhile(monitoring.check(written), tokens.length).then((answer) => {
      if (monitoring.verdict(answer).errors?.length === 0) this.clean.add(text);
      this.decide();
    });
  }

  /** Whether a clean one is likelier than all that are still being written, and have not had to go back. */
  private decide(): void {
    const best = this.drafts.filter((draft) => isWhole(draft) && this.clean.has(draft.text));
    const most = Math.max(-Infinity, ...best.map((draft) => this.likelihood(draft)));
    const { takenBack } = this.kept;
    const open = this.drafts.filter((draft) => draft.ending === undefined && draft.takenBack <= takenBack);
    if (best.length === 0 || open.some((draft) => most < this.likelihood(draft))) return;
    this.end = 0;
    this.finish();
  }
}
