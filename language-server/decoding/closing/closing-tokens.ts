/** Tokens that bring a text to an end without saying anything new: brackets, marks, line ends and indentation. */
import type { TokenId, Vocabulary } from '../../tokens/vocabulary.js';

/** Words that close a block, or fill one that must not be empty. */
const CLOSING_WORDS = /^\s*(?:end|fi|done|esac|pass)$/;
/** Visible ASCII but letters, digits and the underscore, and blanks. */
const MARKS = /^[\s!-/:-@[-^`{-~]+$/;
/** What begins a comment, an escape or a name would only hide what follows, or say something new. */
const HIDING = /[#\\@$]|\/[/*]|--|<!/;

const known = new WeakMap<Vocabulary, readonly TokenId[]>();

export function closingTokens(vocabulary: Vocabulary): readonly TokenId[] {
  const closing =
    known.get(vocabulary) ??
    Array.from({ length: vocabulary.size }, (_, token) => token).filter((token) =>
      isClosing(Buffer.from(vocabulary.bytesOf(token)).toString('latin1')),
    );
  known.set(vocabulary, closing);
  return closing;
}

function isClosing(text: string): boolean {
  return CLOSING_WORDS.test(text) || (MARKS.test(text) && !HIDING.test(text));
}
