/**
 * One generation over the ONNX network: branches as lists of rows, exits, and the filling of skipped layers.
 *
 * A token that leaves the network early has no keys and values in the deeper blocks. Its hidden state waits there
 * until some later token of its branch goes that deep; then both run in one batch. So what deep tokens see is exact,
 * and skipping costs nothing until it is undone. A policy may have keys and values propagated instead: then the waiting
 * state itself stands for what the layers would have made of it, and its row is never exact.
 */
import type { TokenId } from '../tokens/vocabulary.js';
import { TILE_ROWS, type Place } from './attention-layout.js';
import { Cancelled, type Cancellation } from './cancellation.js';
import type {
  Ahead,
  Branch,
  ExitPolicy,
  Forward,
  Reading,
  Session,
  Spoken,
  Step,
  TreeToken,
} from './model.js';
import type { Block, Network } from './network.js';

export interface GenerationStart {
  readonly network: Network;
  readonly exits: readonly number[];
  /** Rows of the prompt, all of them exact. */
  readonly promptRows: number;
  readonly cancellation: Cancellation;
  readonly reading: Reading;
  /** Called once, with tokens whose exact rows now follow the prompt's. */
  readonly onEnd: (continuation: readonly TokenId[]) => void;
}

/** A place on its way through the blocks. */
interface Traveller {
  readonly place: Place;
  hidden: Float32Array;
}

/** What is known of a row after the prompt. */
interface Row {
  readonly place: Place;
  /** Undefined for a mixture: nothing that a later prompt could contain. */
  readonly token: TokenId | undefined;
  /** Whether all layers have run for it. */
  exact: boolean;
  /** Whether some layer's keys and values were propagated. */
  propagated: boolean;
}

export class Generation implements Session {
  readonly root: Branch = { rows: [] };
  readonly reading: Reading;
  readonly ahead: Ahead;
  private readonly network: Network;
  /** Rows after the prompt, the first one being row `promptRows`. */
  private readonly rows: Row[] = [];
  /** For each block, hidden states that have not entered it yet, by row. */
  private readonly waiting: ReadonlyMap<Block, Map<number, Float32Array>>;
  private ended = false;

  constructor(private readonly start: GenerationStart) {
    this.network = start.network;
    this.reading = start.reading;
    this.waiting = new Map(start.network.blocks.map((block) => [block, new Map()]));
    const used = (): number => this.used;
    this.ahead = {
      // Rows of the next tile would be summed up in other groups.
      get room() {
        return TILE_ROWS - (used() % TILE_ROWS) - 1;
      },
      forget: (branch) => {
        this.forget(branch.rows.at(-1)!);
      },
    };
  }

  async forward(steps: readonly Step[], policy: ExitPolicy): Promise<readonly Forward[]> {
    return this.travel(
      steps.map((step) => this.enter(step)),
      policy,
    );
  }

  async readTree(tree: readonly TreeToken[], depth: ExitPolicy): Promise<readonly Spoken[]> {
    const travellers: Traveller[] = [];
    for (const { token, parent } of tree) {
      const branch = typeof parent === 'number' ? branchAt(travellers[parent]!.place) : parent;
      travellers.push(this.enter({ after: branch, input: [[token, 1]] }));
    }
    // Nobody stops on the way.
    return (await this.travel(travellers, depth)) as readonly Spoken[];
  }

  private async travel(travellers: readonly Traveller[], policy: ExitPolicy): Promise<readonly Forward[]> {
    const { blocks } = this.network;
    const spoken = new Map<Traveller, Forward>();
    let onTheWay: readonly Traveller[] = travellers;
    for (let next = 0; next < blocks.length && onTheWay.length > 0;) {
      const group = this.untilAnyoneLooks(blocks.slice(next), onTheWay, policy);
      next += group.length;
      const block = group.at(-1)!;
      await this.pass(group, onTheWay, policy);
      const isLast = block === blocks.at(-1);
      const answers = isLast
        ? await this.speak(onTheWay, block.endLayer)
        : await this.judge(onTheWay, block, policy);
      for (const [traveller, answer] of answers) {
        spoken.set(traveller, answer);
        if (isLast) this.rowOf(traveller.place.row).exact = true;
        else this.wait(blocks[blocks.indexOf(block) + 1]!, traveller);
      }
      onTheWay = onTheWay.filter((traveller) => !spoken.has(traveller));
    }
    return travellers.map((traveller) => spoken.get(traveller)!);
  }

  /** Ends the generation; the longest exact continuation stays in the cache for a prompt that contains it. */
  [Symbol.dispose](): void {
    if (this.ended) return;
    this.ended = true;
    const chain = this.longestExactChain();
    this.network.cache.compact(
      this.start.promptRows,
      chain.map((row) => row.place.row),
    );
    this.start.onEnd(chain.map((row) => row.token!));
  }

  /** Gives a step its row, its position and its first hidden state. */
  private enter({ after, input }: Step): Traveller {
    if (this.ended) throw new Error('This session has ended.');
    const { cache, embedding } = this.network;
    const { used } = this;
    cache.reserve(used + 1, used);
    const place = { row: used, position: this.start.promptRows + after.rows.length, sees: after.rows };
    const token = input.length === 1 ? input[0]![0] : undefined;
    this.rows.push({ place, token, exact: false, propagated: false });
    const hidden = new Float32Array(embedding.width);
    embedding.write(input, hidden, 0);
    return { place, hidden };
  }

  /**
   * The first of `blocks`, and those after it up to where the policy looks at states, or where rows wait that the
   * travellers see.
   */
  private untilAnyoneLooks(
    blocks: readonly Block[],
    travellers: readonly Traveller[],
    policy: ExitPolicy,
  ): readonly Block[] {
    const isLooked = ({ endLayer }: Block): boolean => this.isWatched(endLayer, policy);
    const waits = (block: Block): boolean => this.lateFor(block, travellers).length > 0;
    const end = blocks.findIndex(
      (block, index) =>
        isLooked(block) || waits(block) || (index + 1 < blocks.length && waits(blocks[index + 1]!)),
    );
    return end < 0 ? blocks : blocks.slice(0, end + 1);
  }

  /** Runs blocks over the travellers, once whatever they see has keys and values there: rows wait for the first at most. */
  private async pass(
    blocks: readonly Block[],
    travellers: readonly Traveller[],
    policy: ExitPolicy,
  ): Promise<void> {
    const block = blocks[0]!;
    const { cancellation } = this.start;
    if (cancellation.requested) throw new Cancelled('The drafts are no longer needed.');
    const late = this.lateFor(block, travellers);
    const { propagate } = this.network;
    // What layers would make of a state that skipped others is nothing.
    const skips = ({ place }: Traveller): boolean =>
      propagate !== undefined && (policy.skipped === 'propagated' || this.rowOf(place.row).propagated);
    const skipping = late.filter(skips);
    if (propagate && skipping.length > 0) {
      await propagate(block, placesOf(skipping), this.statesOf(skipping));
      for (const { place } of skipping) this.rowOf(place.row).propagated = true;
    }
    const filled = late.filter((member) => !skips(member));
    const group = [...filled, ...travellers];
    const { width } = this.network.embedding;
    const batch = this.network.batch(placesOf(group), this.start.promptRows, cancellation);
    const output = await batch.run(blocks, this.statesOf(group));
    group.forEach((member, index) => {
      member.hidden = output.subarray(index * width, (index + 1) * width);
    });
    const next = this.network.blocks[this.network.blocks.indexOf(blocks.at(-1)!) + 1];
    for (const member of late) {
      this.waiting.get(block)!.delete(member.place.row);
      if (next) this.wait(next, member);
    }
    if (!next) for (const { place } of filled) this.rowOf(place.row).exact = true;
  }

  /** [travellers, width] */
  private statesOf(travellers: readonly Traveller[]): Float32Array {
    const { width } = this.network.embedding;
    const hidden = new Float32Array(travellers.length * width);
    travellers.forEach((traveller, index) => {
      hidden.set(traveller.hidden, index * width);
    });
    return hidden;
  }

  /** Rows that the travellers see and that wait before `block`, oldest first. */
  private lateFor(block: Block, travellers: readonly Traveller[]): readonly Traveller[] {
    const waiting = this.waiting.get(block)!;
    if (waiting.size === 0) return [];
    const seen = new Set(travellers.flatMap((traveller) => traveller.place.sees));
    return [...waiting]
      .filter(([row]) => seen.has(row))
      .sort(([a], [b]) => a - b)
      .map(([row, hidden]) => ({ place: this.rowOf(row).place, hidden }));
  }

  private wait(block: Block, { place, hidden }: Traveller): void {
    // A copy: the hidden state is a view of a whole batch's memory.
    this.waiting.get(block)!.set(place.row, hidden.slice());
  }

  /** The policy's verdicts after `block`; travellers it lets go on are not in the answer. */
  private async judge(
    travellers: readonly Traveller[],
    block: Block,
    policy: ExitPolicy,
  ): Promise<ReadonlyMap<Traveller, Forward>> {
    const answers = new Map<Traveller, Forward>();
    const exit = block.endLayer;
    if (!this.isWatched(exit, policy)) return answers;
    const lastExit = this.start.exits.at(-1)!;
    for (const traveller of travellers) {
      let known: Promise<Float32Array> | undefined;
      const logits = () => (known ??= this.network.head(traveller.hidden));
      const { hidden } = traveller;
      const verdict = await policy.judge({ exit, lastExit, hidden, logits });
      if (verdict === 'continue') continue;
      const branch = branchAt(traveller.place);
      answers.set(
        traveller,
        verdict === 'stop'
          ? { kind: 'stopped', exit, branch }
          : { kind: 'logits', logits: await logits(), exit, branch, hidden },
      );
    }
    return answers;
  }

  private async speak(
    travellers: readonly Traveller[],
    exit: number,
  ): Promise<ReadonlyMap<Traveller, Forward>> {
    const { vocabularySize } = this.network;
    const logits = await this.network.head(this.statesOf(travellers));
    return new Map(
      travellers.map((traveller, index) => [
        traveller,
        {
          kind: 'logits',
          logits: logits.subarray(index * vocabularySize, (index + 1) * vocabularySize),
          exit,
          branch: branchAt(traveller.place),
          hidden: traveller.hidden,
        },
      ]),
    );
  }

  private isWatched(exit: number, policy: ExitPolicy): boolean {
    return this.start.exits.includes(exit) && policy.watches(exit);
  }

  /** Rows in use: those of the prompt, and those after it. */
  private get used(): number {
    return this.start.promptRows + this.rows.length;
  }

  /** Rows from `row` on are free again. */
  private forget(row: number): void {
    this.rows.length = row - this.start.promptRows;
    for (const states of this.waiting.values())
      for (const waiting of states.keys()) if (row <= waiting) states.delete(waiting);
  }

  private rowOf(row: number): Row {
    return this.rows[row - this.start.promptRows]!;
  }

  private longestExactChain(): readonly Row[] {
    const chains = this.rows.map(({ place }) => [...place.sees, place.row].map((row) => this.rowOf(row)));
    return chains
      .filter((chain) => chain.every((row) => row.exact && row.token !== undefined))
      .reduce<readonly Row[]>((longest, chain) => (chain.length > longest.length ? chain : longest), []);
  }
}

function placesOf(travellers: readonly Traveller[]): readonly Place[] {
  return travellers.map((traveller) => traveller.place);
}

function branchAt(place: Place): Branch {
  return { rows: [...place.sees, place.row] };
}
