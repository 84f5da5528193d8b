/** What is compared: ways of writing k drafts, and one greedy draft. */
import type { DraftingName } from '../../../language-server/protocol.js';

export interface Arm {
  /** As in the names of figures. */
  readonly name: string;
  readonly drafting: DraftingName;
  readonly drafts: number;
}

export const greedy: Arm = { name: 'greedy', drafting: 'branches', drafts: 1 };

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
