/** Text out of tokens that end inside characters. */
import { describe, expect, test } from 'vitest';
import { decodePiece } from '../../language-server/tokens/utf8.js';

const nothing = new Uint8Array(0);

describe('decodePiece', () => {
  test.each(['plain', 'é', '中文', '👩‍💻', '\ufeffbom', '\u{10ffff}'])(
    '%s, cut anywhere, comes out whole',
    (text) => {
      const bytes = new TextEncoder().encode(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const first = decodePiece(nothing, bytes.subarray(0, cut));
        const second = decodePiece(first!.heldBack, bytes.subarray(cut));
        expect(first!.text + second!.text).toBe(text);
        expect(second!.heldBack).toHaveLength(0);
      }
    },
  );

  test('byte by byte, only whole characters come out', () => {
    let heldBack: Uint8Array = nothing;
    const out: string[] = [];
    for (const byte of new TextEncoder().encode('a👩b')) {
      const piece = decodePiece(heldBack, Uint8Array.of(byte))!;
      out.push(piece.text);
      heldBack = piece.heldBack;
    }
    expect(out).toEqual(['a', '', '', '', '👩', 'b']);
  });

  test.each([
    ['a lone continuation', [0x80]],
    ['a lead that is never used', [0xff]],
    ['an overlong form', [0xc0, 0x80]],
    ['half a surrogate pair', [0xed, 0xa0]],
    ['beyond the last code point', [0xf4, 0x90]],
    ['a lead where a continuation is due', [0xe4, 0xc3]],
  ])('%s can never become text', (_, bytes) => {
    expect(decodePiece(nothing, Uint8Array.from(bytes))).toBeUndefined();
  });

  test('what is held back and cannot go on so is refused', () => {
    const { heldBack } = decodePiece(nothing, Uint8Array.of(0xf0, 0x9f))!;
    expect(decodePiece(heldBack, Uint8Array.of(0x41))).toBeUndefined();
  });
});
