/** How a prompt for a model is written, as far as its vocabulary tells. */
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import { FILL_IN_THE_MIDDLE } from './markup.js';
import type { SourceVocabulary } from './model-source.js';

type PromptFormat = BundleDescription['prompt'];

/** Tokens of models that were trained on repositories: they stand ahead of the path of each file. */
const FILE_MARKERS = ['<file_sep>', '<|file_sep|>'];

/**
 * Models trained on repositories put a file's path after a token of its own; others read it as a comment. Published
 * models were trained to read the prefix first; ours say that they read the suffix first.
 */
export function promptOf(vocabulary: SourceVocabulary): PromptFormat {
  const { tokens, controlTokens, begin } = vocabulary;
  const control = new Set(controlTokens.map((id) => tokens[id]!));
  const marked = FILE_MARKERS.find((text) => control.has(text));
  const marker = marked === undefined ? { before: '', after: '' } : { before: marked, after: '\n' };
  return {
    version: 1,
    ...(begin !== undefined && { begin: tokens[begin]! }),
    fillInTheMiddle: fillInTheMiddleOf(vocabulary, control),
    path: marker,
    snippet: marker,
  };
}

function fillInTheMiddleOf(
  { tokens, fillInTheMiddle: named, suffixFirst }: SourceVocabulary,
  control: ReadonlySet<string>,
): PromptFormat['fillInTheMiddle'] {
  const spelled =
    named === undefined
      ? FILL_IN_THE_MIDDLE.find(({ prefix, suffix, middle }) =>
          [prefix, suffix, middle].every((text) => control.has(text)),
        )
      : { prefix: tokens[named[0]]!, suffix: tokens[named[1]]!, middle: tokens[named[2]]! };
  if (spelled === undefined) return null;
  const { prefix, suffix, middle } = spelled;
  return { prefix, suffix, middle, order: suffixFirst === true ? 'suffix-first' : 'prefix-first' };
}
