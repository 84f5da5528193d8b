/** Names in order, so that whether any begins with a text is found in a few comparisons. */
import type { Names } from './questions.js';

export class NameList {
  private readonly names: readonly string[];

  constructor(names: Iterable<string>) {
    this.names = [...new Set(names)].filter((name) => name !== '').sort(byUnits);
  }

  /** The names of an answer, with others that are always right at such places. */
  static of({ names }: Names, also: readonly string[] = []): NameList {
    return new NameList([...names.map(({ text }) => text), ...also]);
  }

  get size(): number {
    return this.names.length;
  }

  has(text: string): boolean {
    return this.names[this.placeOf(text)] === text;
  }

  /** Whether some name begins so. */
  begins(text: string): boolean {
    return this.names[this.placeOf(text)]?.startsWith(text) ?? false;
  }

  some(test: (name: string) => boolean): boolean {
    return this.names.some(test);
  }

  /** Of the first name that does not stand before `text`. */
  private placeOf(text: string): number {
    let low = 0;
    let high = this.names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.names[middle]! < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
