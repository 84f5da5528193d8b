/** Stops a draft where it begins to write again the lines that already follow the cursor. */
import { silence } from '../silence.js';
import { isBlank, isClosingLine, type Filter } from './filter.js';

/** Lines after the cursor that a draft may run into. */
const LINES_LOOKED_AT = 5;

/**
 * Lines are equal when they are so with their indentation: a `}` that closes an inner block is no repetition of the
 * `}` that closes the outer one.
 */
export const stopAtSuffix: Filter = (text, { linePrefix, after }) => {
  const following = after
    .slice(0, 4_000)
    .split('\n')
    .slice(1)
    .filter((line) => !isBlank(line))
    .slice(0, LINES_LOOKED_AT)
    .map((line) => line.trimEnd());
  if (following.length === 0) return text;

  const lines = text.split('\n');
  const whole = [linePrefix + lines[0]!, ...lines.slice(1)].map((line) => line.trimEnd());
  const cut = whole.findIndex((_, index) => (0 < index || isBlank(linePrefix)) && runsInto(whole, index));
  if (cut === 0) return silence('repeats', 'The suggestion would repeat the line that follows.');
  if (0 < cut) return lines.slice(0, cut).join('\n');
  if (collapse(whole[0]!) === collapse(following[0]!) && !isClosingLine(whole[0]!)) {
    return silence('repeats', 'The suggestion would repeat the line that follows.');
  }
  return text;

  /** Whether the draft from a line on is what follows. A line that closes the block around the cursor always is. */
  function runsInto(written: readonly string[], from: number): boolean {
    if (written[from] !== following[0] || isBlank(written[from]!)) return false;
    if (isClosingLine(written[from]!)) return openBrackets(lines.slice(0, from)) <= 0;
    const rest = written.slice(from).filter((line) => line !== '');
    return rest.every((line, index) => following[index] === undefined || line === following[index]);
  }
};

/** How many more brackets some lines of a draft open than they close. */
function openBrackets(lines: readonly string[]): number {
  const text = lines.join('\n');
  return text.replaceAll(/[^([{]/g, '').length - text.replaceAll(/[^)\]}]/g, '').length;
}

function collapse(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}
