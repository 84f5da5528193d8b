/** A vocabulary small enough to check by hand, and a tokenizer over it that takes the longest token that fits. */
import type { TokenId, Tokenizer, Vocabulary } from '../../language-server/tokens/vocabulary.js';

/** Spelled tokens get the ids 1, 2, …; token 0 is `<end>`, which ends the text. Bytes stand for tokens within a character. */
export function toyTokenizer(spellings: readonly (string | Uint8Array)[]): Tokenizer {
  const table = [
    new Uint8Array(0),
    ...spellings.map((spelling) =>
      typeof spelling === 'string' ? new TextEncoder().encode(spelling) : spelling,
    ),
  ];
  const vocabulary: Vocabulary = {
    size: table.length,
    endOfText: new Set([0]),
    bytesOf: (token) => table[token]!,
    isSpecial: (token) => token === 0,
    special: (name) => (name === '<end>' ? 0 : undefined),
  };
  return {
    vocabulary,
    encode(text) {
      const tokens: TokenId[] = [];
      for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
        const fitting = table
          .map((bytes, token) => ({ bytes, token }))
          .filter(({ bytes }) => isStart(bytes, rest));
        const longest = fitting.reduce((a, b) => (b.bytes.length > a.bytes.length ? b : a), {
          bytes: new Uint8Array(0),
          token: -1,
        });
        if (longest.token < 0) throw new Error(`no token begins ${JSON.stringify(text)}`);
        tokens.push(longest.token);
        rest = rest.subarray(longest.bytes.length);
      }
      return tokens;
    },
  };
}

/** The token with this spelling. */
export function toyToken(vocabulary: Vocabulary, spelling: string): TokenId {
  if (spelling === '<end>') return 0;
  const bytes = new TextEncoder().encode(spelling);
  for (let token = 1; token < vocabulary.size; token++) {
    if (Buffer.compare(vocabulary.bytesOf(token), bytes) === 0) return token;
  }
  throw new Error(`the toy vocabulary has no token ${JSON.stringify(spelling)}`);
}

function isStart(start: Uint8Array, bytes: Uint8Array): boolean {
  return start.length > 0 && start.every((byte, index) => byte === bytes[index]);
}
