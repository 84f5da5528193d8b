/** Learns from what becomes of suggestions: ties verdicts to the chances that were given, and keeps both. */
import type { StopStatistics } from '../protocol.js';
import type { Completions } from './complete.js';
import type { Verdict } from './feedback.js';
import type { Judgements } from './judgements-store.js';
import { describeJudgements, oddsBehind, type LocalOdds } from './local-odds.js';

/** Suggestions whose verdict may still come. */
const REMEMBERED = 50;

export class StopLearning {
  private readonly odds = new Map<string, number>();

  constructor(private readonly judgements: Judgements) {}

  get local(): LocalOdds | undefined {
    return this.judgements.odds;
  }

  /** Hears of every answer. Suggestions that were written without doubting teach nothing. */
  told({ items }: Completions): void {
    for (const { id, draft } of items) {
      const sure = draft.tokens.at(-1)?.sure;
      if (sure === undefined || this.odds.has(id)) continue;
      this.odds.set(id, oddsBehind(sure, this.local));
      const [oldest] = this.odds.keys();
      if (REMEMBERED < this.odds.size) this.odds.delete(oldest!);
    }
  }

  /** A suggestion taken in part is neither right nor wrong. */
  judged({ kind, item }: Verdict): void {
    const odds = this.odds.get(item);
    if (odds === undefined || kind === 'partly accepted') return;
    this.odds.delete(item);
    this.judgements.note({ odds, accepted: kind === 'accepted' });
  }

  async asked(forget: boolean): Promise<StopStatistics> {
    if (!forget)
      return { text: `${describeJudgements(this.judgements.all)} Kept in ${this.judgements.file}.` };
    const { length } = this.judgements.all;
    await this.judgements.forget();
    return { text: `Forgot what ${length} suggestions told.` };
  }
}
