/**
 * Self-speculation as an experiment: an early exit drafts, the rest of the network verifies all drafted tokens in one
 * batch, over the very keys and values that drafting has left (Elhoushi et al., LayerSkip, 2024; Liu et al., Kangaroo,
 * 2024). What it writes is what full depth writes, greedily and without constraints.
 */
import { never } from '../../../language-server/inference/cancellation.js';
import type { ExitController } from '../../../language-server/inference/exit-controller.js';
import type { Place } from '../../../language-server/inference/attention-layout.js';
import type { Block, Network } from '../../../language-server/inference/network.js';
import { topTokens } from '../../../language-server/tokens/top-tokens.js';
import type { TokenId } from '../../../language-server/tokens/vocabulary.js';

export interface Speculation {
  /** The layer after which it drafts. */
  readonly exit: number;
  /** Most tokens that are verified at once; one is plain decoding. */
  readonly most: number;
  /** Drafting stops where the controller's chance that this exit is right is less; 0: it never does. */
  readonly least: number;
}

/** How many rows a prompt is read in at once. */
const CHUNK = 32;

/** One text at a time: its rows are its positions. */
export class Speculating {
  private prefix = 0;

  constructor(
    private readonly network: Network,
    private readonly controller: ExitController | undefined,
  ) {}

  /** Reads all of a prompt but its last token, and makes room for `more` tokens. */
  async read(prompt: readonly TokenId[], more: number): Promise<void> {
    const end = prompt.length - 1;
    this.network.cache.reserve(end + more, 0);
    for (let start = 0; start < end; start += CHUNK) {
      this.prefix = start;
      const tokens = prompt.slice(start, Math.min(end, start + CHUNK));
      await this.run(this.network.blocks, start, this.embedded(tokens));
    }
    this.prefix = end;
  }

  /** `count` tokens after a prompt that has been read, whose last token is `token`. */
  async plain(token: TokenId, count: number): Promise<readonly TokenId[]> {
    const tokens: TokenId[] = [];
    while (tokens.length < count) {
      const hidden = this.embedded([tokens.at(-1) ?? token]);
      const row = this.prefix + tokens.length;
      tokens.push(...(await this.choices(await this.run(this.network.blocks, row, hidden))));
    }
    return tokens;
  }

  /** The same by speculation. */
  async speculative(
    token: TokenId,
    count: number,
    { exit, most, least }: Speculation,
  ): Promise<readonly TokenId[]> {
    const { blocks } = this.network;
    const shallow = blocks.filter(({ endLayer }) => endLayer <= exit);
    const deep = blocks.slice(shallow.length);
    const tokens: TokenId[] = [];
    while (tokens.length < count) {
      const row = this.prefix + tokens.length;
      const drafted: TokenId[] = [];
      const states: Float32Array[] = [];
      for (;;) {
        const input = drafted.at(-1) ?? tokens.at(-1) ?? token;
        const hidden = await this.run(shallow, row + states.length, this.embedded([input]));
        states.push(hidden);
        if (states.length === most || !this.isSure(exit, hidden, least)) break;
        drafted.push(...(await this.choices(hidden)));
      }
      const verified = await this.choices(await this.run(deep, row, joined(states)));
      const agreed = drafted.findIndex((one, at) => one !== verified[at]);
      tokens.push(...verified.slice(0, agreed < 0 ? verified.length : agreed + 1));
    }
    return tokens.slice(0, count);
  }

  private isSure(exit: number, hidden: Float32Array, least: number): boolean {
    return least === 0 || least <= (this.controller?.judge(exit, hidden)?.exit ?? 0);
  }

  /** Hidden states [rows, width] after `blocks`, for the rows from `row` on. */
  private async run(blocks: readonly Block[], row: number, hidden: Float32Array): Promise<Float32Array> {
    const count = hidden.length / this.network.embedding.width;
    const places = Array.from({ length: count }, (_, at): Place => {
      const own = row + at;
      const sees = Array.from({ length: own - this.prefix }, (_unused, back) => this.prefix + back);
      return { row: own, position: own, sees };
    });
    return this.network.batch(places, this.prefix, never).run(blocks, hidden);
  }

  private embedded(tokens: readonly TokenId[]): Float32Array {
    const { embedding } = this.network;
    const hidden = new Float32Array(tokens.length * embedding.width);
    tokens.forEach((token, at) => {
      embedding.write([[token, 1]], hidden, at * embedding.width);
    });
    return hidden;
  }

  /** The likeliest token after each row. */
  private async choices(hidden: Float32Array): Promise<readonly TokenId[]> {
    const logits = await this.network.head(hidden);
    const size = this.network.vocabularySize;
    return Array.from(
      { length: logits.length / size },
      (_, row) => topTokens(logits.subarray(row * size, (row + 1) * size), 1)[0]!,
    );
  }
}

function joined(states: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(states.reduce((sum, state) => sum + state.length, 0));
  let at = 0;
  for (const state of states) {
    all.set(state, at);
    at += state.length;
  }
  return all;
}
