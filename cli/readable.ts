/** Answers for a person: the lines before the cursor, what is suggested there, and what it cost. */
import { styleText } from 'node:util';
import type { CompleteJson, JsonItem } from './complete-json.js';
import type { Place } from './place.js';

/** Lines shown above the cursor's own. */
const LINES_BEFORE = 8;

/** How the parts of an answer are told apart: by colour where there is one, else by marks. */
export interface Style {
  readonly before: (text: string) => string;
  readonly suggestion: (text: string) => string;
  readonly title: (text: string) => string;
}

export const colours: Style = {
  before: (text) => styleText('dim', text),
  suggestion: (text) => styleText(['bold', 'green'], text),
  title: (text) => styleText('bold', text),
};

export const marks: Style = {
  before: (text) => text,
  suggestion: (text) => `⟦${text}⟧`,
  title: (text) => text,
};

export function styleFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  return stream.isTTY === true && !environment.NO_COLOR ? colours : marks;
}

/** One answer as text; every line of code has its number before it. */
export function readable(place: Place, text: string, answer: CompleteJson, style: Style): string {
  const lines = [style.title(`${place.file}:${place.line}:${place.column}`)];
  if (answer.silence) {
    lines.push(...codeLines(place, text, '', style));
    lines.push(`No suggestion (${answer.silence.reason}): ${answer.silence.detail}`);
  }
  for (const [index, item] of answer.items.entries()) {
    if (index > 0) lines.push(`Or, ${ordinal(index + 1)} of ${answer.items.length}:`);
    lines.push(...codeLines(place, text, item.text, style, index > 0 ? 0 : LINES_BEFORE));
  }
  lines.push(style.before(costLine(answer)));
  return `${lines.join('\n')}\n`;
}

function codeLines(
  place: Place,
  text: string,
  suggestion: string,
  style: Style,
  above = LINES_BEFORE,
): readonly string[] {
  const all = text.split(/\r\n|\r|\n/);
  const first = Math.max(0, place.line - 1 - above);
  const width = String(place.line + 20).length;
  const numbered = (line: number, code: string): string =>
    `${style.before(`${String(line).padStart(width)} │`)} ${code}`;
  const before = all
    .slice(first, place.line - 1)
    .map((line, index) => numbered(first + index + 1, style.before(line)));
  const head = (all[place.line - 1] ?? '').slice(0, place.column - 1);
  const tail = (all[place.line - 1] ?? '').slice(place.column - 1);
  if (suggestion === '')
    return [...before, numbered(place.line, `${style.before(head)}▏${style.before(tail)}`)];
  const written = suggestion.split(/\r\n|\r|\n/).map((line) => style.suggestion(line));
  return [
    ...before,
    ...written.map((line, index) =>
      numbered(place.line + index, index === 0 ? style.before(head) + line : line),
    ),
  ];
}

function costLine({ cost, items, bundle, device }: CompleteJson): string {
  const read = `${cost.promptTokens} prompt tokens, ${cost.reusedTokens} of them reused, in ${ms(cost.promptMs)}`;
  const first = items[0];
  const wrote = first
    ? `${cost.steps} steps${guesses(cost)} in ${ms(cost.decodeMs)}, ${sureness(first)}`
    : `${cost.steps} steps`;
  return `${read}; ${wrote}; ${ms(cost.totalMs)} in all; ${bundle} on ${device}.`;
}

function guesses({ speculated }: CompleteJson['cost']): string {
  return speculated ? `, ${speculated.held} of ${speculated.guessed} guesses right,` : '';
}

/** The geometric mean of the tokens' probabilities is what a person can compare. */
function sureness(item: JsonItem): string {
  const share = item.tokens.length === 0 ? 1 : Math.exp(item.logProb / item.tokens.length);
  return `mean probability ${share.toFixed(2)}, ended by ${item.ending}`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function ordinal(n: number): string {
  return n === 2 ? '2nd' : n === 3 ? '3rd' : `${n}th`;
}
