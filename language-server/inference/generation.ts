/**
 * One generation over the ONNX network: branches as lists of rows, exits, and the filling of skipped layers.
 *
 * A token that leaves the network early has no keys and values in the deeper blocks. Its hidden state waits there
 * until some later token of its branch goes that deep; then both run in one batch. So what deep tokens see is exact,
 * and skipping costs nothing until it is undone.
 */
import type { TokenId } from '../tokens/vocabulary.js';
import type { Place } from './attention-layout.js';
import { Cancelled, type Cancellation } from './cancellation.js';
import { fullDepth } from './exit-policies.js';
import type { Branch, ExitPolicy, Forward, Reading, Session, Spoken, Step, TreeToken } from './model.js';
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
  exact: boolean;
}

export class Generation implements Session {
  readonly root: Branch = { rows: [] };
  readonly reading: Reading;
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
  }

  async forward(steps: readonly Step[], policy: ExitPolicy): Promise<readonly Forward[]> {
    return this.travel(
      steps.map((step) => this.enter(step)),
      policy,
    );
  }

  async readTree(after: Branch, tree: readonly TreeToken[]): Promise<readonly Spoken[]> {
    const travellers: Traveller[] = [];
    for (const { token, parent } of tree) {
      const branch = parent === undefined ? after : branchAt(travellers[parent]!.place);
      travellers.push(this.enter({ after: branch, input: [[token, 1]] }));
    }
    // At full depth nobody stops on the way.
    return (await this.travel(travellers, fullDepth)) as readonly Spoken[];
  }

  private async travel(travellers: readonly Traveller[], policy: ExitPolicy): Promise<readonly Forward[]> {
    const { blocks } = this.network;
    const spoken = new Map<Traveller, Forward>();
    let onTheWay: readonly Traveller[] = travellers;
    for (const block of blocks) {
      if (onTheWay.length === 0) break;
      await this.pass(block, onTheWay);
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
    const used = this.start.promptRows + this.rows.length;
    cache.reserve(used + 1, used);
    const place = { row: used, position: this.start.promptRows + after.rows.length, sees: after.rows };
    const token = input.length === 1 ? input[0]![0] : undefined;
    this.rows.push({ place, token, exact: false });
    const hidden = new Float32Array(embedding.width);
    embedding.write(input, hidden, 0);
    return { place, hidden };
  }

  /** Runs a block over the travellers, and with them over whatever they see that has not entered it yet. */
  private async pass(block: Block, travellers: readonly Traveller[]): Promise<void> {
    if (this.start.cancellation.requested) throw new Cancelled('The drafts are no longer needed.');
    const late = this.lateFor(block, travellers);
    const group = [...late, ...travellers];
    const { width } = this.network.embedding;
    const hidden = new Float32Array(group.length * width);
    group.forEach((member, index) => {
      hidden.set(member.hidden, index * width);
    });
    const places = group.map((member) => member.place);
    const output = await this.network.batch(places, this.start.promptRows).run(block, hidden);
    group.forEach((member, index) => {
      member.hidden = output.subarray(index * width, (index + 1) * width);
    });
    const next = this.network.blocks[this.network.blocks.indexOf(block) + 1];
    for (const member of late) {
      this.waiting.get(block)!.delete(member.place.row);
      if (next) this.wait(next, member);
      else this.rowOf(member.place.row).exact = true;
    }
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
    if (!this.start.exits.includes(exit) || !policy.watches(exit)) return answers;
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
    const { embedding, vocabularySize } = this.network;
    const hidden = new Float32Array(travellers.length * embedding.width);
    travellers.forEach((traveller, index) => {
      hidden.set(traveller.hidden, index * embedding.width);
    });
    const logits = await this.network.head(hidden);
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

function branchAt(place: Place): Branch {
  return { rows: [...place.sees, place.row] };
}
