/** UTF-8 that arrives in pieces: tokens may end, and begin, inside a code point. */

/** Whole code points so far, and the bytes of one that is not whole yet. */
export interface Decoded {
  readonly text: string;
  readonly heldBack: Uint8Array;
}

/** Decodes `heldBack` followed by `bytes`; undefined when no further bytes could make this UTF-8. */
export function decodePiece(heldBack: Uint8Array, bytes: Uint8Array): Decoded | undefined {
  const all = heldBack.length === 0 ? bytes : concatenate(heldBack, bytes);
  const whole = all.length - unfinished(all);
  const text = decodeStrictly(all.subarray(0, whole));
  const rest = all.subarray(whole);
  return text === undefined || !mayBecomeWhole(rest) ? undefined : { text, heldBack: rest };
}

/** Length of the code point that begins at the end and lacks bytes; 0 when the text ends whole. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthByLead(byte) > back ? back : 0;
  }
  return 0;
}

function lengthByLead(lead: number): number {
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Whether some continuation bytes complete `start`, which is shorter than its lead asks for: try the extremes. */
function mayBecomeWhole(start: Uint8Array): boolean {
  if (start.length === 0) return true;
  const missing = lengthByLead(start[0]!) - start.length;
  return [0x80, 0x90, 0xa0, 0xbf].some(
    (filler) =>
      decodeStrictly(concatenate(start, Uint8Array.of(filler, 0x80, 0x80).subarray(0, missing))) !==
      undefined,
  );
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}
