/** A generation that goes on, goes back, parts and leaves early as chance has it: what two models must answer alike. */
import { never } from '../../language-server/inference/cancellation.js';
import { cappedAt, fullDepth } from '../../language-server/inference/exit-policies.js';
import type {
  Branch,
  Forward,
  LanguageModel,
  Speculated,
  Step,
} from '../../language-server/inference/model.js';
import type { TokenId } from '../../language-server/tokens/vocabulary.js';
import { randomNumbers } from './random-numbers.js';

export interface Walked {
  /** Everything that was said, in turn; at last what a prompt hears that contains the longest branch. */
  readonly said: readonly Float32Array[];
  /** What that prompt found in the cache. */
  readonly reusedTokens: number;
  readonly speculated: Speculated | undefined;
}

/** A place that was reached. */
interface Reached {
  readonly branch: Branch;
  /** Tokens after all of the prompt but its last. */
  readonly tokens: readonly TokenId[];
}

/** What mostly follows a token, by a rule that has nothing to do with the model. */
export function followerOf(token: TokenId): TokenId {
  return 1 + ((7 * token + 3) % 250);
}

/** So many turns from the end of `prompt` on, for an engine that exits after its second layer. */
export async function walk(
  model: LanguageModel,
  prompt: readonly TokenId[],
  turns: number,
  seed: number,
): Promise<Walked> {
  const random = randomNumbers(seed);
  const any = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const anyToken = (): TokenId => 1 + Math.floor(random() * 250);
  const said: Float32Array[] = [];
  let speculated: Speculated | undefined;
  let longest: readonly TokenId[] = [];
  {
    using session = await model.open(prompt, never);
    const reached: Reached[] = [{ branch: session.root, tokens: [] }];
    let latest = reached[0]!;
    const next = ({ tokens }: Reached): TokenId =>
      tokens.length === 0 ? prompt.at(-1)! : followerOf(tokens.at(-1)!);
    const step = ({ branch }: Reached, token: TokenId): Step => ({ after: branch, input: [[token, 1]] });
    const hear = (forward: Forward | undefined, before: Reached, token: TokenId): Reached => {
      if (forward?.kind !== 'logits') throw new Error('Nobody stops here.');
      said.push(forward.logits.slice());
      const one = { branch: forward.branch, tokens: [...before.tokens, token] };
      reached.push(one);
      return one;
    };
    for (let turn = 0; turn < turns; turn++) {
      const kind = random();
      const from = kind < 0.8 ? latest : any(reached);
      if (kind < 0.9) {
        const token = kind < 0.85 ? next(from) : anyToken();
        const [forward] = await session.forward([step(from, token)], fullDepth);
        latest = hear(forward, from, token);
      } else if (kind < 0.93) {
        const other = any(reached);
        const [one, two] = await session.forward([step(from, next(from)), step(other, 7)], fullDepth);
        hear(one, from, next(from));
        hear(two, other, 7);
      } else if (kind < 0.95) {
        const input = [[next(latest), 0.75], [anyToken(), 0.25]] as const; // prettier-ignore
        const [forward] = await session.forward([{ after: latest.branch, input }], fullDepth);
        if (forward?.kind === 'logits') said.push(forward.logits.slice());
      } else if (kind < 0.97) {
        const [forward] = await session.forward([step(from, next(from))], cappedAt(2));
        hear(forward, from, next(from));
      } else {
        const token = anyToken();
        const tree = [{ token: next(from), parent: from.branch }, { token, parent: 0 }]; // prettier-ignore
        const [one, two] = await session.readTree(tree, fullDepth);
        hear(two, hear(one, from, next(from)), token);
      }
    }
    ({ speculated } = session);
    for (const { tokens } of reached) if (longest.length < tokens.length) longest = tokens;
  }
  const containing = [...prompt.slice(0, -1), ...longest, 1];
  using session = await model.open(containing, never);
  const [last] = await session.forward([{ after: session.root, input: [[1, 1]] }], fullDepth);
  if (last?.kind === 'logits') said.push(last.logits.slice());
  return { said, reusedTokens: session.reading.reusedTokens, speculated };
}
