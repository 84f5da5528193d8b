/** A prompt as text parts with markup between them, before it becomes tokens. Plain data: it crosses threads. */

export type PromptPart =
  | { readonly kind: 'special'; readonly name: string }
  /** `trim`: which end may lose whole steps of tokens when the prompt is too long; parts without it are kept. */
  | { readonly kind: 'text'; readonly text: string; readonly trim?: 'start' | 'end' };

/** Parts in the order the model reads them. What changes with each keystroke stands last. */
export interface Prompt {
  readonly parts: readonly PromptPart[];
  /** Most tokens the prompt may have. */
  readonly maxTokens: number;
}
