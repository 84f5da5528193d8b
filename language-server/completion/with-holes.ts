/** Completions as snippets with holes, where a promise was calibrated; silence, with the reason, where none holds. */
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import type { UnusableGrammar } from '../../syntax/grammar-runtime.js';
import type { Found } from '../holes/calibration-file.js';
import { normalize } from './completion-context.js';
import type { Document } from './document.js';
import { offerWithHoles, type Offered } from './offer-holes.js';
import type { Completion } from './present.js';
import { silence, type Silence } from './silence.js';

export interface WithHoles {
  /** The first completion as a snippet; undefined when nothing is offered. */
  readonly item?: Completion & { readonly snippet: string };
  /** What it says and leaves open; there with the item. */
  readonly made?: Pick<Extract<Offered, { kind: 'offered' }>, 'tree' | 'program'>;
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
  const [item, ...others] = items;
  if (!item) return {};
  if ('unusable' in language) return { silence: silence('unsure', `No holes: ${language.unusable}.`) };
  if (found.kind === 'none') return { silence: silence('unsure', found.why) };
  const around = {
    before: normalize(document.text.slice(0, item.start)),
    after: normalize(document.text.slice(item.end)),
  };
  const text = normalize(item.text);
  const uncertain = { text, draft: item.draft, others: others.map((other) => normalize(other.text)) };
  const offered = offerWithHoles(language, around, uncertain, { budget: found.budget, holes });
  if (offered.kind === 'nothing') return { silence: silence('unsure', sentences[offered.why]) };
  const { snippet, tree, program } = offered;
  return { item: { ...item, snippet }, made: { tree, program } };
}

const sentences: Readonly<Record<Extract<Offered, { kind: 'nothing' }>['why'], string>> = {
  unsure: 'The model is not sure enough of any part of its suggestion to keep the promise.',
  'does-not-parse': 'The suggestion does not parse where it would stand, so nothing can be promised.',
  'no-log-probabilities': 'The suggestion came without probabilities, so nothing can be promised.',
  'no-text': 'Only white space would be left of the suggestion.',
};
