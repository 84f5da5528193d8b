/**
 * SentencePiece's BPE as ranked merges. Its vocabulary has a score for each piece and no list of merges: two
 * neighbours merge when they spell a piece together, the piece of the best score first, the leftmost of equal ones.
 */

/** Pairs of pieces in order of rank, as `[left, right]`, since pieces may hold spaces of their own. */
export function mergesOf(
  tokens: readonly string[],
  scores: readonly number[],
  control: ReadonlySet<number>,
): readonly (readonly [string, string])[] {
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  for (const id of control) idOf.delete(tokens[id]!);
  const merges: { left: string; right: string; score: number; order: number }[] = [];
  for (const [token, id] of idOf) {
    if (/^<0x[0-9A-F]{2}>$/.test(token)) continue;
    const characters = Array.from(token);
    for (let at = 1; at < characters.length; at++) {
      const left = characters.slice(0, at).join('');
      const right = characters.slice(at).join('');
      if (idOf.has(left) && idOf.has(right)) merges.push({ left, right, score: scores[id]!, order: id });
    }
  }
  merges.sort((a, b) => b.score - a.score || a.order - b.order);
  return merges.map(({ left, right }) => [left, right] as const);
}
