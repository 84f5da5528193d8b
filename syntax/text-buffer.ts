/**
 * The one text that compiled lexers can see, in the grammar runtime's heap.
 *
 * Every check names its text; the buffer rewrites only what differs from the text named before. No lexer may run
 * between `show` for one text and a check that means another.
 */
import { emptyText, sharedPast, type TextChain } from './text-chain.js';
import type { Heap } from './heap.js';

/** Offsets into the lexer record; lexer-callbacks.wat describes it. */
const END_OF_TEXT = 36;
const ADDRESS_OF_TEXT = 52;

export class TextBuffer {
  private address = 0;
  private capacity = 0;
  private held: TextChain = emptyText;

  constructor(
    private readonly heap: Heap,
    private readonly lexerRecord: number,
  ) {
    this.reserve(1 << 16);
  }

  /** Makes `text` followed by `tail` what lexers read. */
  show(text: TextChain, tail: string): void {
    const length = text.length + tail.length;
    if (this.capacity < length) this.reserve(length * 2);
    if (text !== this.held) {
      this.write(text, sharedPast(text, this.held));
      this.held = text;
    }
    this.copy(tail, text.length);
    this.heap.module.HEAP32[(this.lexerRecord + END_OF_TEXT) >> 2] = length;
  }

  private write(text: TextChain, known: TextChain): void {
    const missing: TextChain[] = [];
    for (let link = text; link !== known && link.parent; link = link.parent) missing.push(link);
    for (const link of missing.reverse()) this.copy(link.piece, link.length - link.piece.length);
  }

  private copy(piece: string, at: number): void {
    const units = this.heap.module.HEAPU16;
    const start = (this.address >> 1) + at;
    for (let i = 0; i < piece.length; i++) units[start + i] = piece.charCodeAt(i);
  }

  private reserve(capacity: number): void {
    const { module } = this.heap;
    if (this.address) module._free(this.address);
    this.address = module._malloc(capacity * 2);
    this.capacity = capacity;
    this.held = emptyText;
    module.HEAP32[(this.lexerRecord + ADDRESS_OF_TEXT) >> 2] = this.address;
  }
}
