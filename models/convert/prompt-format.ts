/** How a prompt for a model is written, as far as its vocabulary tells. */
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import type { SourceVocabulary } from './model-source.js';

/** Spellings of the fill-in-the-middle tokens that models use: ahead of prefix, suffix and middle. */
const FILL_IN_THE_MIDDLE = [
  ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
  ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
] as const;

/** Models trained on repositories put a file's path after a token of its own; others read it as a comment. */
export function promptOf({ tokens, controlTokens }: SourceVocabulary): BundleDescription['prompt'] {
  const control = new Set(controlTokens.map((id) => tokens[id]));
  const spelling = FILL_IN_THE_MIDDLE.find((texts) => texts.every((text) => control.has(text)));
  const marker = control.has('<file_sep>')
    ? { before: '<file_sep>', after: '\n' }
    : { before: '# ', after: '\n' };
  return {
    version: 1,
    fillInTheMiddle:
      spelling === undefined ? null : { prefix: spelling[0], suffix: spelling[1], middle: spelling[2] },
    path: marker,
    snippet: marker,
  };
}
