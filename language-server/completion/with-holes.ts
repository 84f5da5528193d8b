/** Completions as snippets with holes, where a promise was calibrated; silence, with the reason, where none holds. */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { UnusableGrammar } from '../../syntax/grammar-runtime.js';
import type { Found } from '../holes/calibration-file.js';
import { normalize } from './completion-context.js';
import type { Document } from './document.js';
import { offerWithHoles, type Offered } from './offer-holes.js';
import type { Surroundings } from './suggestion-tree.js';
import type { OfferedWithHoles } from './with-choices.js';
import type { Completion } from './present.js';
import { silence, type Silence } from './silence.js';

export interface WithHoles {
  /** The first completion as a snippet; undefined when nothing is offered. */
  readonly item?: Completion & { readonly snippet: string };
  /** What it says and leaves open; there with the item. */
  readonly made?: OfferedWithHoles;
  readonly silence?: Silence;
}

/** `found` is the promise for the document's language (`findPromise`). */
export function withHoles(
  items: readonly Completion[],
  document: Document,
  language: SyntaxLanguage | UnusableGrammar,
  found: Found,
  holes: number,
): WithHoles {
  const [item] = items;
  if (!item) return {};
  if ('unusable' in language) return { silence: silence('unsure', `No holes: ${language.unusable}.`) };
  if (found.kind === 'none') return { silence: silence('unsure', found.why) };
  const rules = { budget: found.budget, holes };
  const uncertain = { text: normalize(item.text), draft: item.draft };
  const offered = offerWithHoles(language, surroundingsOf(item, document), uncertain, rules);
  if (offered.kind === 'nothing') return { silence: silence('unsure', sentences[offered.why]) };
  return { item: { ...item, snippet: offered.snippet }, made: offered };
}

/** The text around a completion, as it will be once that is accepted. */
export function surroundingsOf({ start, end }: Completion, { text }: Document): Surroundings {
  return { before: normalize(text.slice(0, start)), after: normalize(text.slice(end)) };
}

const sentences: Readonly<Record<Extract<Offered, { kind: 'nothing' }>['why'], string>> = {
  unsure: 'The model is not sure enough of any part of its suggestion to keep the promise.',
  'does-not-parse': 'The suggestion does not parse where it would stand, so nothing can be promised.',
  'no-log-probabilities': 'The suggestion came without probabilities, so nothing can be promised.',
  'no-text': 'Only white space would be left of the suggestion.',
};
