/** The page that explains a suggestion, as text with marks: a pure function, so that tests need no editor. */
import type { ExplainedToken, SuggestionExplanation } from '../language-server/protocol.js';

/** Bands from 0 to 3: of a chance `0 <= c < 1/4` and so on; of depth the quarters of the network. */
export interface Mark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
  readonly depth: number;
  readonly hover: string;
}

export interface SuggestionPage {
  readonly text: string;
  readonly marks: readonly Mark[];
}

const BANDS = 4;

export function suggestionPage({ tokens, layers, ending, notes }: SuggestionExplanation): SuggestionPage {
  const lines: string[] = [];
  const marks: Mark[] = [];
  const shown = tokens.filter(({ text }) => text !== '');
  const whole = shown.reduce((product, { probability }) => product * probability, 1);
  lines.push(
    `The last suggestion: ${shown.length} tokens, ended by ${ending}. The model gives all of it ${percent(whole)}.`,
    '',
  );
  const first = lines.length;
  lines.push(
    ...shown
      .map(({ text }) => text)
      .join('')
      .split('\n'),
  );
  let line = first;
  let column = 0;
  for (const token of shown) {
    for (const [index, piece] of token.text.split('\n').entries()) {
      if (index > 0) [line, column] = [line + 1, 0];
      if (piece === '') continue;
      const mark = { ...bandsOf(token, layers), hover: describe(token, layers) };
      marks.push({ line, start: column, end: column + piece.length, ...mark });
      column += piece.length;
    }
  }
  lines.push('', 'Background: how sure, from red to green. Underline: how deep, from dotted to double.', '');
  const hasSure = shown.some(({ sure }) => sure !== undefined);
  lines.push(row('token', 'chance', hasSure ? 'sure so far' : '', 'layers', 'refused in its place'));
  for (const token of shown) {
    const at = lines.length;
    const name = JSON.stringify(token.text);
    const sure = hasSure && token.sure !== undefined ? percent(token.sure) : '';
    lines.push(row(name, percent(token.probability), sure, `${token.exit} of ${layers}`, refusals(token)));
    const mark = { ...bandsOf(token, layers), hover: describe(token, layers) };
    marks.push({ line: at, start: 0, end: name.length, ...mark });
  }
  if (notes.length > 0) lines.push('', ...notes);
  lines.push('');
  return { text: lines.join('\n'), marks };
}

function row(token: string, chance: string, sure: string, layers: string, refused: string): string {
  return `${token.padEnd(24)} ${chance.padStart(8)}  ${sure.padStart(11)}  ${layers.padEnd(9)} ${refused}`.trimEnd();
}

function bandsOf(
  { probability, sure, exit }: ExplainedToken,
  layers: number,
): { confidence: number; depth: number } {
  const band = (share: number): number => Math.max(0, Math.min(BANDS - 1, Math.floor(share * BANDS)));
  return {
    confidence: band(sure ?? probability),
    depth: Math.max(0, Math.ceil((exit / layers) * BANDS) - 1),
  };
}

function describe(token: ExplainedToken, layers: number): string {
  const sure = token.sure === undefined ? '' : `; that all is right so far: ${percent(token.sure)}`;
  const refused = refusals(token);
  return (
    `${JSON.stringify(token.text)}: chance ${percent(token.probability)}${sure}; ` +
    `spoken after ${token.exit} of ${layers} layers${refused === '' ? '' : `; refused: ${refused}`}`
  );
}

function refusals({ refused }: ExplainedToken): string {
  return refused
    .map(({ token, by, probability }) => `${JSON.stringify(token)} (${percent(probability)}, ${by})`)
    .join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
