/**
 * Texts to try after a half-written lexeme, to see whether any future makes it whole.
 *
 * `cla` is no keyword and `"abc` no string, yet both can become one: acceptance always rests on a concrete text that
 * continues them. The lists are data (witnesses.json); what literals a grammar has comes from its tables.
 */
import type { ParseTable } from './parse-table.js';
import data from './witnesses.json' with { type: 'json' };

interface OwnWitnesses {
  /** Spellings that the grammar's tables do not show; any part of one may be missing. */
  readonly literals: readonly string[];
  readonly general: readonly string[];
}
type WitnessData = Readonly<Record<string, OwnWitnesses | undefined>>;

export interface Witnesses {
  /** By the beginning of a literal: what completes it. */
  readonly remainders: ReadonlyMap<string, readonly string[]>;
  readonly longestLiteral: number;
  /** Every literal of the grammar with its terminal. */
  readonly literals: readonly (readonly [terminal: number, spelling: string])[];
  /** Worth trying after anything. */
  readonly general: readonly string[];
}

/** `grammar` is a key of witnesses.json; a grammar without a row gets what is common to all. */
export function witnessesFor(grammar: string, table: ParseTable): Witnesses {
  const own = (data as unknown as WitnessData)[grammar];
  const literals: (readonly [number, string])[] = [];
  for (let terminal = 1; terminal < table.terminals; terminal++) {
    const name = table.names[terminal]!;
    // A named terminal may be spelled as its name too: `true`, `super`. A wrong guess only costs a try.
    if (name !== '' && (table.literal[terminal] || /^[a-z]+$/.test(name))) literals.push([terminal, name]);
  }
  const remainders = new Map<string, string[]>();
  const begun = [...literals.map(([, name]) => name), ...(own?.literals ?? [])];
  for (const name of begun) {
    for (let i = 1; i < name.length; i++) {
      const beginning = name.slice(0, i);
      const known = remainders.get(beginning) ?? [];
      if (!known.includes(name.slice(i))) remainders.set(beginning, [...known, name.slice(i)]);
    }
  }
  return {
    remainders,
    longestLiteral: begun.reduce((most, name) => Math.max(most, name.length), 0),
    literals,
    general: [...new Set([...data.common, ...(own?.general ?? [])])],
  };
}
