/** Who pays for what: each token's negative log-probability, shared out over the characters of a draft. */

/** What is needed of a token: its text, and the natural logarithm of its probability. */
export interface ScoredToken {
  readonly text: string;
  readonly logProb: number;
}

/** A token that the model held to be impossible still costs no more than this many nats. */
const MOST_COSTLY = 50;

/**
 * Nats for each UTF-16 unit of `text`; undefined when the tokens do not spell it or have no log-probabilities.
 *
 * A token shared by several nodes is split by characters. Blanks pay only in tokens made of nothing else, since no
 * node could answer for them; a token without text (part of a character) is paid by the next one that has some.
 * The tokens may spell more than `text`: a beginning that stood before the cursor already, an end that was cut off.
 */
export function characterCosts(tokens: readonly ScoredToken[], text: string): Float64Array | undefined {
  if (tokens.some(({ logProb }) => Number.isNaN(logProb))) return undefined;
  const spelled = tokens.map((token) => token.text).join('');
  const offset = spelled.indexOf(text);
  if (offset < 0 || text === '') return undefined;
  const costs = new Float64Array(spelled.length);
  let at = 0;
  let owed = 0;
  for (const token of tokens) {
    owed += Math.min(MOST_COSTLY, Math.max(0, -token.logProb));
    if (token.text === '') continue;
    share(costs, at, token.text, owed);
    at += token.text.length;
    owed = 0;
  }
  return costs.slice(offset, offset + text.length);
}

/**
 * The costs of `text`, carried over to what was made of it by filters that change blanks or drop an end; undefined
 * when they did more. Costs of blanks that fell away are dropped with them.
 */
export function carryCosts(costs: Float64Array, text: string, shown: string): Float64Array | undefined {
  if (text.startsWith(shown)) return costs.slice(0, shown.length);
  const carried = new Float64Array(shown.length);
  let from = 0;
  for (let to = 0; to < shown.length; to++) {
    if (isBlank(shown[to]!)) continue;
    while (from < text.length && isBlank(text[from]!)) from++;
    if (text[from] !== shown[to]) return undefined;
    carried[to] = costs[from]!;
    from++;
  }
  return carried;
}

export function isBlank(unit: string): boolean {
  return unit.trim() === '';
}

function share(costs: Float64Array, at: number, text: string, cost: number): void {
  const units = text.split('');
  const paying = units.some((unit) => !isBlank(unit))
    ? units.map((unit) => !isBlank(unit))
    : units.map(() => true);
  const each = cost / paying.filter(Boolean).length;
  paying.forEach((pays, i) => {
    if (pays) costs[at + i] = each;
  });
}
