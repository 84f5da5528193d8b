/** Reasons for offering nothing. */

/** Why nothing is offered: a closed list. */
export type SilenceReason =
  | 'off' // completions are switched off
  | 'language-off' // ... for this language
  | 'manual' // the trigger is manual and nobody asked
  | 'loading' // the model is not loaded yet
  | 'unavailable' // the model cannot be loaded
  | 'cancelled' // the text changed, or a newer request came
  | 'no-document' // the document is not open, or the position lies outside it
  | 'too-large' // the file, or the line, is too long to be worth it
  | 'binary' // the file is not text
  | 'empty' // nothing stands before the cursor
  | 'mid-word' // a word continues right after the cursor
  | 'text-after' // too much text stands after the cursor on its line
  | 'in-comment'
  | 'in-string'
  | 'selection-mismatch' // no suggestion begins with the highlighted entry of the suggest widget
  | 'just-accepted' // a one-line suggestion was accepted right here
  | 'backing-off' // several suggestions in a row were rejected
  | 'snippet' // placeholders of an accepted suggestion are being filled
  | 'ended-at-once' // the model would end the text here
  | 'dead-end' // no allowed token was left
  | 'repeats' // it would repeat what stands around the cursor, or itself
  | 'unsure' // nothing of the suggestion is sure enough to be shown, or to be promised
  | 'blank' // only white space, or too little, would be left
  | 'no-time' // the budget of time ran out before anything was complete
  | 'unfinished' // nothing was complete when the suggestion had its greatest length
  | 'prompt-too-long';
