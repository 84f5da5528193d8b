/**
 * Lists of members that are known to be whole, by the names in them. To find out costs an analysis of the text, but
 * receivers of one type have one list, and where that is long, no other type has it.
 */
import type { Name } from '../questions.js';

/** Shorter lists say too little of what they belong to. */
const LEAST_NAMES = 8;
/** How many are kept. */
const MOST = 256;

/** What one running server has said. Mutable; ends with the process, and is forgotten when files change. */
export class WholeLists {
  private readonly whole = new Set<string>();

  /**
   * Whether a list is whole; asks where that is not known. Only a yes is kept: a no may lie in the place, such as a text
   * that is too broken for the server to find errors in.
   */
  async has(languageId: string, names: readonly Name[], ask: () => Promise<boolean>): Promise<boolean> {
    if (names.length < LEAST_NAMES) return ask();
    const key = [languageId, ...names.map(({ text, kind }) => `${text} ${kind}`).sort()].join('\n');
    if (this.whole.has(key)) return true;
    const isWhole = await ask();
    if (isWhole) this.keep(key);
    return isWhole;
  }

  forget(): void {
    this.whole.clear();
  }

  private keep(key: string): void {
    this.whole.add(key);
    const [oldest] = this.whole;
    if (this.whole.size > MOST) this.whole.delete(oldest!);
  }
}
