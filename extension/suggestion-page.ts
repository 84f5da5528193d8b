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
  const probability = shown.reduce((product, token) => product * token.probability, 1);
  lines.push(
    `The last suggestion: ${shown.length} tokens, ended by ${ending}. The model gives all of it ${percent(probability)}.`,
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
  const table = tableOf(shown, layers);
  lines.push(table[0]!);
  shown.forEach((token, index) => {
    const mark = { ...bandsOf(token, layers), hover: describe(token, layers) };
    marks.push({ line: lines.length, start: 0, end: JSON.stringify(token.text).length, ...mark });
    lines.push(table[index + 1]!);
  });
  if (notes.length > 0) lines.push('', ...notes);
  lines.push('');
  return { text: lines.join('\n'), marks };
}

/** Lines of columns that are as wide as they have to be: a head, and one line for each token. */
function tableOf(tokens: readonly ExplainedToken[], layers: number): readonly string[] {
  const hasSure = tokens.some(({ sure }) => sure !== undefined);
  const sureOf = ({ sure }: ExplainedToken) => (sure === undefined ? '' : percent(sure));
  const rows = [
    ['token', 'chance', ...(hasSure ? ['sure so far'] : []), 'layers', 'refused in its place'],
    ...tokens.map((token) => [
      JSON.stringify(token.text),
      percent(token.probability),
      ...(hasSure ? [sureOf(token)] : []),
      `${token.exit} of ${layers}`,
      refusals(token),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNumber = (column: number): boolean => 0 < column && column < widths.length - 2;
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
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
