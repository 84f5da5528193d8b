/** Compiles the vocabulary of a BPE tokenizer, byte-level or SentencePiece's: the bytes of every token, once. */
import type { TokenId, Vocabulary } from './vocabulary.js';

/** What is read of a `tokenizer.json`. */
export interface TokenizerDescription {
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    /** Whether bytes without a token of their own are spelled <0x00> to <0xFF>: SentencePiece's way. */
    readonly byte_fallback?: boolean;
  };
  readonly added_tokens: readonly AddedToken[];
  readonly decoder: { readonly type: string } | null;
}

export interface AddedToken {
  readonly id: TokenId;
  readonly content: string;
  readonly special: boolean;
}

/**
 * The vocabulary that `description` spells out; `endOfText` are its tokens that end a text.
 * @throws Error when the tokenizer is of another kind, whose tokens would spell something else.
 */
export function bytePairVocabulary(
  description: TokenizerDescription,
  endOfText: readonly TokenId[],
): Vocabulary {
  const { model, added_tokens: added, decoder } = description;
  const isSentencePiece = model.byte_fallback === true;
  if (model.type !== 'BPE' || (decoder?.type !== 'ByteLevel' && !isSentencePiece)) {
    throw new Error(
      `The tokenizer is a ${model.type} with the decoder ${decoder?.type ?? 'none'}; only byte-level BPE and SentencePiece's are supported.`,
    );
  }
  const apart = new Set(added.map((token) => token.id));
  const bytes = isSentencePiece ? bytesOfPiece : bytesOfByteLevel;
  const spellings = new Map<TokenId, Uint8Array>();
  for (const [token, id] of Object.entries(model.vocab))
    spellings.set(id, apart.has(id) ? nothing : bytes(token));
  const specials = new Map<string, TokenId>();
  for (const { id, content, special } of added) {
    spellings.set(id, special ? nothing : new TextEncoder().encode(content));
    if (special) specials.set(content, id);
  }
  // Large vocabularies have more ids than a call may have arguments.
  const size = [...spellings.keys()].reduce((most, id) => Math.max(most, id), -1) + 1;
  const special = new Set(specials.values());
  const table = Array.from({ length: size }, (_, id) => spellings.get(id) ?? nothing);
  return {
    size,
    endOfText: new Set(endOfText),
    bytesOf: (token) => table[token] ?? nothing,
    isSpecial: (token) => special.has(token),
    special: (name) => specials.get(name),
  };
}

const nothing = new Uint8Array(0);

/** Byte-level BPE writes each byte as one printable character; this reads them back. */
function bytesOfByteLevel(token: string): Uint8Array {
  return Uint8Array.from(token, (character) => {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) throw new Error(`The token "${token}" is not spelled in byte-level characters.`);
    return byte;
  });
}

/** SentencePiece writes a space as U+2581, and bytes that no piece spells one by one. */
function bytesOfPiece(piece: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return byte ? Uint8Array.of(parseInt(byte[1]!, 16)) : new TextEncoder().encode(piece.replaceAll('▁', ' '));
}

/** GPT-2's alphabet: printable Latin-1 stands for itself, all other bytes for characters from U+0100 on, in order. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const isPlain = (byte: number) =>
    (0x21 <= byte && byte < 0x7f) || (0xa1 <= byte && byte < 0xad) || (0xae <= byte && byte < 0x100);
  const characters = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 0x100; byte++) {
    characters.set(String.fromCharCode(isPlain(byte) ? byte : next++), byte);
  }
  return characters;
})();
