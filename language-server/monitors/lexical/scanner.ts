/** The lexer behind lexical states: reads a text character by character. Mutable, and owned by one state. */
import { closerOf, endsExpression, type Bracket, type Lexeme, type OpenString } from './lexeme.js';
import type { LexicalRules } from './rules.js';

/** `text`: between the tags of a JSX element. */
export type Inside = 'code' | 'line-comment' | 'block-comment' | 'string' | 'text';

/** Signs of more than one character; their beginnings are signs, too. */
const longSigns = new Set(
  '?. ?? ??= && &&= || ||= == === != !== <= >= => -> :: .. ... ++ -- += -= *= /= ** **= // //= %= &= |= ^= << >> := </ />'.split(
    ' ',
  ),
);

/** Unmatched closing brackets that are worth knowing: what stands farther on says nothing about the place. */
const MOST_UNOPENED = 32;

export class Scanner {
  inside: Inside = 'code';
  open: Bracket | undefined;
  string: OpenString | undefined;
  /** A word, number or sign that may go on; inside strings and comments, the characters that may yet decide. */
  partial = '';
  kind: Lexeme['kind'] = 'sign';
  startsLine = true;
  spaced = false;
  unopened = '';
  /** Characters read so far. */
  position = 0;
  /** Where the lexeme in progress, or the latest one, begins. */
  private begun = 0;
  private done: Lexeme | undefined;
  private escaped = false;
  /** Inside `[…]` of a regular expression, where `/` does not end it. */
  private inClass = false;
  /** The string that has just been closed while empty: a third quote makes it a long one. */
  private empty: OpenString | undefined;

  constructor(private readonly rules: LexicalRules) {}

  copy(): Scanner {
    return Object.assign(new Scanner(this.rules), this);
  }

  feed(text: string): void {
    const start = this.position;
    for (let at = 0; at < text.length; at++) {
      this.position = start + at;
      this.step(text[at]!);
    }
    this.position = start + text.length;
  }

  tail(): Lexeme | undefined {
    return this.inside !== 'code' || this.partial === '' ? this.done : this.lexeme(this.kind, this.partial);
  }

  private step(unit: string): void {
    switch (this.inside) {
      case 'code':
        this.code(unit);
        return;
      case 'line-comment':
        if (unit === '\n') this.leaveComment();
        return;
      case 'block-comment':
        this.partial = (this.partial + unit).slice(-2);
        if (this.partial === this.rules.blockComment?.[1]) this.leaveComment();
        if (unit === '\n') this.startsLine = true;
        return;
      case 'string':
        this.inString(unit);
        return;
      case 'text':
        this.inText(unit);
    }
  }

  private code(unit: string): void {
    if (this.partial !== '') {
      if (this.goesOn(unit)) {
        this.partial += unit;
        if (this.kind === 'sign') this.openComment();
        return;
      }
      if (this.opensOther(unit)) return;
      this.complete();
      // A closing tag leads back to text between tags.
      if (this.inside !== 'code') {
        this.step(unit);
        return;
      }
    }
    this.begin(unit);
  }

  /** Whether the character belongs to the lexeme that has been begun. */
  private goesOn(unit: string): boolean {
    const { partial, rules } = this;
    switch (this.kind) {
      case 'word':
        return this.isWord(unit) || (unit === '-' && this.open?.sign === '<');
      case 'number':
        if (unit === '.') return /^[\d_]+$/.test(partial);
        return this.isWord(unit) || (/[+-]/.test(unit) && /^[\d._]+e$/i.test(partial));
      case 'sign':
        if (partial === '.' && /\d/.test(unit) && (this.spaced || !endsExpression(this.done))) {
          this.kind = 'number';
          return true;
        }
        return longSigns.has(partial + unit) || commentOpened(rules, partial + unit) !== undefined;
      case 'string':
        return false;
    }
  }

  /** Whether what has been begun turns out to open a string, a regular expression or a tag. */
  private opensOther(unit: string): boolean {
    const { partial, rules } = this;
    if (this.kind === 'word') {
      if (!rules.quotes.includes(unit) || !rules.prefixes?.test(partial)) return false;
      this.openString(unit, partial);
      return true;
    }
    if (partial === '/' && rules.regex && this.open?.sign !== '<' && !endsExpression(this.done)) {
      this.openString('/', '');
      this.inString(unit);
      return true;
    }
    if (partial === "'" && rules.lifetimes) {
      if (unit === '\\') {
        this.openString("'", '');
        this.inString(unit);
      } else {
        this.kind = 'word';
        this.partial += unit;
      }
      return true;
    }
    if (partial === '<' && rules.jsx && /[A-Za-z_$>]/.test(unit) && !endsExpression(this.done)) {
      this.openTag();
      this.code(unit);
      return true;
    }
    return false;
  }

  private begin(unit: string): void {
    const { empty, rules } = this;
    this.empty = undefined;
    this.begun = this.position;
    if (unit === '\n') {
      this.startsLine = true;
      this.spaced = true;
    } else if (isBlank(unit)) {
      this.spaced = true;
    } else if (empty?.quote === unit && rules.long.includes(unit)) {
      this.done = this.done?.previous;
      this.inside = 'string';
      this.string = { ...empty, quote: unit.repeat(3) };
    } else if (rules.quotes.includes(unit) && !(unit === "'" && rules.lifetimes)) {
      this.openString(unit, '');
    } else {
      this.partial = unit;
      this.kind = isDigit(unit) ? 'number' : this.isWord(unit) ? 'word' : 'sign';
      if (this.kind === 'sign') {
        this.openComment();
        if ('()[]{}'.includes(unit)) this.complete();
        else if (unit === '>' && this.open?.sign === '<') this.complete();
      }
    }
  }

  private isWord(unit: string): boolean {
    return isWordUnit(unit) || this.rules.wordSigns.includes(unit);
  }

  private openComment(): void {
    const opened = commentOpened(this.rules, this.partial);
    if (!opened) return;
    this.inside = opened;
    this.partial = '';
  }

  private leaveComment(): void {
    this.startsLine ||= this.inside === 'line-comment';
    this.inside = 'code';
    this.partial = '';
    this.spaced = true;
  }

  private openString(quote: string, prefix: string): void {
    const { interpolation } = this.rules;
    const opens = /[ft]/i.test(prefix) ? '{' : interpolation?.quote === quote ? interpolation.open : '';
    this.partial = '';
    this.escaped = false;
    this.inClass = false;
    this.inside = 'string';
    this.string = { quote, interpolation: opens, isEmpty: true, from: this.position };
  }

  private inString(unit: string): void {
    const string = this.string!;
    const { quote, interpolation } = string;
    if (string.isEmpty) this.string = { ...string, isEmpty: false };
    if (this.escaped || unit === '\\') {
      this.escaped = !this.escaped;
      this.partial = '';
      return;
    }
    this.partial = (this.partial + unit).slice(-3);
    if (unit === '\n' && quote.length === 1 && !this.rules.multiline.includes(quote)) {
      this.closeString(false);
      this.startsLine = true;
      return;
    }
    if (quote === '/') {
      if (unit === '[' || unit === ']') this.inClass = unit === '[';
      if (this.inClass) return;
    }
    if (interpolation !== '' && this.partial.endsWith(interpolation)) {
      this.push('{', this.string);
      return;
    }
    if (this.partial.endsWith(quote)) this.closeString(string.isEmpty);
  }

  private closeString(isEmpty: boolean): void {
    const string = this.string!;
    this.partial = '';
    this.string = undefined;
    this.inside = 'code';
    this.put('string', string.quote);
    this.empty = isEmpty ? string : undefined;
  }

  /** Between tags: code begins with a brace, a tag with `<`. */
  private inText(unit: string): void {
    if (this.partial === '<') {
      this.partial = '';
      this.inside = 'code';
      this.openTag();
      this.code(unit);
    } else if (unit === '<') {
      this.partial = '<';
    } else if (unit === '{') {
      this.inside = 'code';
      this.push('{');
    }
  }

  private openTag(): void {
    this.partial = '';
    this.push('<');
  }

  /** Ends the lexeme that has been begun. */
  private complete(): void {
    const { partial, kind } = this;
    this.partial = '';
    if (kind === 'sign' && this.inTag(partial)) return;
    if (kind === 'sign' && closerOf[partial] !== undefined) {
      this.push(partial as Bracket['sign']);
      return;
    }
    if (kind === 'sign' && ')]}'.includes(partial)) {
      this.close(partial);
      return;
    }
    // `<T,>` and `<T extends U>` are parameters of types, not tags.
    if (this.open?.sign === '<' && (partial === ',' || partial === 'extends')) this.open = this.open.outer;
    this.put(kind, partial);
  }

  /** Signs that end a tag. */
  private inTag(sign: string): boolean {
    const { open } = this;
    if (open?.sign !== '<') return false;
    if (sign === '/>' && this.done !== open.opener) {
      this.leaveElement(open.outer);
    } else if (sign === '>' || sign === '/>') {
      if (sign === '/>' || isRightAfter(this.done, open.opener)) {
        this.leaveElement(open.outer?.sign === '<>' ? open.outer.outer : open.outer);
      } else {
        this.open = { sign: '<>', opener: open.opener, outer: open.outer };
        this.inside = 'text';
      }
    } else {
      return false;
    }
    return true;
  }

  private leaveElement(outer: Bracket | undefined): void {
    this.open = outer;
    this.put('string', '<>');
    if (outer?.sign === '<>') this.inside = 'text';
  }

  private push(sign: Bracket['sign'], resumes?: OpenString): void {
    const opener = this.put('sign', sign);
    this.inside = 'code';
    this.string = undefined;
    this.partial = '';
    this.open = { sign, opener, outer: this.open, ...(resumes && { resumes }) };
  }

  private close(sign: string): void {
    // A tag that was none: `a < b` read as JSX.
    while (this.open && closerOf[this.open.sign] === undefined) this.open = this.open.outer;
    const { open } = this;
    if (!open || closerOf[open.sign] !== sign) {
      if (!open && this.unopened.length < MOST_UNOPENED) this.unopened += sign;
      this.put('sign', sign);
      return;
    }
    this.open = open.outer;
    this.done = this.lexeme('sign', sign, open.opener);
    this.startsLine = false;
    this.spaced = false;
    if (open.resumes) {
      this.done = open.opener.previous;
      this.inside = 'string';
      this.string = open.resumes;
    } else if (this.open?.sign === '<>') {
      this.inside = 'text';
    }
  }

  private put(kind: Lexeme['kind'], text: string): Lexeme {
    this.done = this.lexeme(kind, text);
    this.startsLine = false;
    this.spaced = false;
    return this.done;
  }

  private lexeme(kind: Lexeme['kind'], text: string, opener?: Lexeme): Lexeme {
    const { done, startsLine, spaced } = this;
    const ordinal = (done?.ordinal ?? -1) + 1;
    const from = this.begun;
    return { kind, text, startsLine, spaced, from, previous: done, ordinal, ...(opener && { opener }) };
  }
}

function commentOpened(rules: LexicalRules, text: string): 'line-comment' | 'block-comment' | undefined {
  if (rules.lineComments.includes(text)) return 'line-comment';
  return rules.blockComment?.[0] === text ? 'block-comment' : undefined;
}

/** Whether `</name` or `</` is what stands between the tag's bracket and its end. */
function isRightAfter(last: Lexeme | undefined, opener: Lexeme): boolean {
  let at = last;
  while (at && at.ordinal > opener.ordinal + 1) at = at.previous;
  return at?.text === '/' && at.previous === opener;
}

const isDigit = (unit: string): boolean => unit >= '0' && unit <= '9';
const isBlank = (unit: string): boolean => /\s/.test(unit);
const isWordUnit = (unit: string): boolean => /\w/.test(unit) || unit > '\x7f';
