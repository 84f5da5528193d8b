/** What becomes of a suggestion, and several to choose from. */

/** Client to server: the item with this id was accepted (from the item's command). */
export const acceptedNotification = 'candor/accepted';
export interface Accepted {
  readonly item: string;
}

/** Client to server: the cursor rests here, so the next request may come from here. */
export const cursorNotification = 'candor/cursor';
export interface Cursor {
  readonly uri: string;
  /** From 0, like the character, which counts in the units agreed on for all positions. */
  readonly line: number;
  readonly character: number;
}

/** The command the item runs after insertion; the client forwards it as `acceptedNotification`. */
export const acceptCommand = 'candor.accepted';

/** Client to server: the suggestions for a place, to choose from. Can be cancelled; answers with `OfferedDrafts`. */
export const draftsRequest = 'candor/drafts';
export interface DraftsWanted {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}
export interface OfferedDrafts {
  /** The best first. */
  readonly drafts: readonly OfferedDraft[];
  /** A sentence where there are none. */
  readonly why?: string;
}
export interface OfferedDraft {
  readonly id: string;
  /** What is shown, before any hole is filled. */
  readonly text: string;
  /** In the editor's notation, where there are holes. */
  readonly snippet?: string;
  /** The text of the document that it replaces. */
  readonly start: PlaceInDocument;
  readonly end: PlaceInDocument;
  /** Of the whole text under the unconstrained model; at the end of a line, given that it goes on. */
  readonly probability: number;
  readonly tokens: number;
  readonly holes: number;
}
export interface PlaceInDocument {
  readonly line: number;
  readonly character: number;
}
