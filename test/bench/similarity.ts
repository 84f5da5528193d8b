/** How alike two lines are: one minus the edit distance over the longer length. */

/** 1 for equal texts, 0 for texts with nothing in common. Both ends are trimmed of white space first. */
export function similarity(one: string, other: string): number {
  const a = Array.from(one.trim());
  const b = Array.from(other.trim());
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - editDistance(a, b) / longest;
}

/** Levenshtein distance: one row of the usual table at a time. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    const here = [row + 1];
    for (const [column, other] of b.entries()) {
      const replaced = above[column]! + (letter === other ? 0 : 1);
      here.push(Math.min(replaced, above[column + 1]! + 1, here[column]! + 1));
    }
    above = here;
  }
  return above[b.length]!;
}
