/** Indents as the file does: tabs or spaces, in whole steps on the cursor's own line. */
import { columnsOf, indent } from '../indentation.js';
import type { Filter } from './filter.js';

export const fitIndentation: Filter = (text, { linePrefix, indentation }) => {
  const [first, ...rest] = text.split('\n') as [string, ...string[]];
  const others = rest.map((line) => {
    const lead = /^[ \t]*/.exec(line)![0];
    return indent(columnsOf(lead, indentation), indentation) + line.slice(lead.length);
  });
  return [startOfLine(first), ...others].join('\n');

  /** On a line still blank, the draft's own blanks complete the indentation: to a whole step, never beyond one. */
  function startOfLine(line: string): string {
    const lead = /^[ \t]*/.exec(line)![0];
    if (lead === '' || linePrefix.trim() !== '' || lead === line) return line;
    const have = columnsOf(linePrefix, indentation);
    const want = columnsOf(linePrefix + lead, indentation);
    const whole = Math.max(have, want - (want % indentation.width));
    const missing =
      indentation.kind === 'tabs' && !linePrefix.includes(' ')
        ? indent(whole, indentation).slice(linePrefix.length)
        : ' '.repeat(whole - have);
    return missing + line.slice(lead.length);
  }
};
