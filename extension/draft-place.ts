/** Where a draft goes, followed through changes of the document while the user looks at drafts. */

/** Offsets of the text that a draft replaces; mostly an empty one. */
export interface DraftPlace {
  readonly start: number;
  readonly end: number;
}

/** A replacement of text, as editors report it. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** The place after changes; undefined when one of them touched it, so that drafts written for it no longer fit. */
export function placeAfter(place: DraftPlace, changes: readonly TextChange[]): DraftPlace | undefined {
  let shift = 0;
  for (const { rangeOffset, rangeLength, text } of changes) {
    if (place.end < rangeOffset) continue;
    if (place.start <= rangeOffset + rangeLength) return undefined;
    shift += text.length - rangeLength;
  }
  return { start: place.start + shift, end: place.end + shift };
}
