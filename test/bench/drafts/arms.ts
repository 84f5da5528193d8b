/** What is compared: ways of writing k drafts, and one greedy draft; and at which lengths they are timed. */
import type { DraftingName } from '../../../language-server/protocol.js';
import { WrongArguments } from '../benchmark.js';

export interface Arm {
  /** As in the names of figures. */
  readonly name: string;
  readonly drafting: DraftingName;
  readonly drafts: number;
}

export const greedy: Arm = { name: 'greedy', drafting: 'branches', drafts: 1 };
/** The same as the product writes it, read ahead; all other arms are timed over one that is not. */
export const readAhead: Arm = { ...greedy, name: 'greedy_ahead' };

const ways: Readonly<Record<string, DraftingName>> = {
  superposed: 'superposed',
  branches: 'branches',
  nucleus: 'nucleus',
  beams: 'beams',
  first_token: 'first-token',
};

export const arms: readonly Arm[] = [3, 5].flatMap((drafts) =>
  Object.entries(ways).map(([name, drafting]) => ({ name: `${name}${drafts}`, drafting, drafts })),
);

/** Tokens that drafts are made to have where their time is measured. */
export const lengths = [5, 10, 20, 40] as const;
export type Length = (typeof lengths)[number];

/** Which of them a run compares: `--arms superposed3,branches3 --lengths 10,20`; all without an answer. */
export interface Compared {
  /** Besides greedy, which is always measured. */
  readonly arms: readonly Arm[];
  readonly lengths: readonly Length[];
}

/** @throws WrongArguments for a name that is no arm, or a length that drafts are not timed at. */
export function comparedOf(options: Readonly<Record<string, string | undefined>>): Compared {
  return {
    arms: chosen(options.arms, arms, ({ name }) => name, '--arms'),
    lengths: chosen(options.lengths, lengths, String, '--lengths'),
  };
}

function chosen<It>(
  asked: string | undefined,
  all: readonly It[],
  nameOf: (one: It) => string,
  option: string,
): readonly It[] {
  if (asked === undefined) return all;
  const names = asked.split(',').map((name) => name.trim());
  const known = all.map(nameOf);
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new WrongArguments(`${option} takes some of ${known.join(', ')}, not “${strange}”.`);
  return all.filter((one) => names.includes(nameOf(one)));
}
