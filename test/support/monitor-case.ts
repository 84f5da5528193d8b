/**
 * Runs a case of monitors: a program with a cursor, texts that might be written there, and what becomes of each.
 *
 *     === title
 *     language: typescript
 *     lead: characters before the cursor that are written anew, if any
 *     --- program
 *     const value = maybe?.▮
 *     --- try
 *     length(
 *     --- table
 *     members maybe?. ↦ length slice
 *     ==>
 *     asks members "maybe?."
 *     + length(
 */
import { refuser, type Constraint, type Question } from '../../language-server/constraints/constraint.js';
import { Answers, type Ask } from '../../language-server/decoding/answers.js';
import { monitorsFor } from '../../language-server/monitors/monitors-for.js';
import type { Answer, Parameter, ProgramQuestion } from '../../language-server/monitors/questions.js';
import type { Case } from './case-file.js';

export const CURSOR = '▮';

/** Who answers the questions of a case: the table in it, or an analysis server. */
export type Oracle = (question: ProgramQuestion, text: string) => Promise<Answer>;

export interface MonitorCase {
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
  readonly lead: string;
  readonly tries: readonly string[];
  readonly table: readonly string[];
}

export function monitorCase({ options, sections }: Case): MonitorCase {
  const section = (name: string): string => sections.find((it) => it.name === name)?.text ?? '';
  const [before = '', after = ''] = section('program').split(CURSOR);
  return {
    languageId: options.language ?? 'typescript',
    before,
    after,
    lead: options.lead ?? '',
    tries: section('try')
      .split('\n')
      .filter((line) => line !== ''),
    table: section('table')
      .split('\n')
      .filter((line) => line !== ''),
  };
}

/** What is asked, and what becomes of each text: `+` it may stand, `-` it is refused, by whom. */
export async function runMonitorCase(known: MonitorCase, oracle: Oracle): Promise<string> {
  const { languageId, before, after, lead } = known;
  const asked = new Set<string>();
  const ask: Ask = (question) => {
    const { kind, back, written } = question as ProgramQuestion;
    const text = before.slice(0, before.length - back) + written;
    const line = text.slice(text.lastIndexOf('\n') + 1);
    asked.add(`asks ${kind} ${JSON.stringify(line.trimStart())}`);
    return oracle(question as ProgramQuestion, text);
  };
  const outcomes: string[] = [];
  for (const written of known.tries) {
    const text = lead + unescaped(written);
    const start = monitorsFor({ languageId, before, after, lead });
    // A token may hold any piece of a text: the outcome may not depend on it.
    const pieces = await judge(start, text.split(/(?:)/u), ask);
    const whole = await judge(start, [text], ask);
    // ... but for who refuses first, where two would.
    const isEqual = pieces.startsWith('+') === whole.startsWith('+');
    outcomes.push(`${whole} ${written}${isEqual ? '' : ` (by characters: ${pieces})`}`);
  }
  return [...asked, ...outcomes].join('\n');
}

async function judge(start: Constraint, pieces: readonly string[], ask: Ask): Promise<string> {
  const answers = new Answers({ ask, deadlineMs: 10_000, trace: () => undefined });
  let constraint = start;
  for (const piece of ['', ...pieces]) {
    const next = constraint.after(piece);
    if (!next) return `- ${refuser(constraint, piece).name}:`;
    const settled = await answers.settle(next, 0);
    if ('refusedBy' in settled) return `- ${settled.refusedBy.name}:`;
    constraint = settled.allowed;
  }
  return constraint.mayEnd() ? '+' : '+ goes on:';
}

/** The answers that a case gives in its table: `KIND END OF THE TEXT ↦ names`, the first line that fits. */
export function tableOracle(table: readonly string[]): Oracle {
  return (question: Question, text) => {
    for (const line of table) {
      const match = /^(\S+) (.*?) ?↦ ?(.*)$/.exec(line);
      if (!match) throw new Error(`A line of a table is KIND TEXT ↦ ANSWER, not ${line}`);
      const [, kind, ending, answer] = match;
      if (kind === question.kind && text.trimEnd().endsWith(ending!))
        return Promise.resolve(read(kind, answer!));
    }
    return Promise.resolve(undefined);
  };
}

function read(kind: string, answer: string): Answer {
  if (answer.startsWith('unknown: ')) return { unknown: answer.slice('unknown: '.length) };
  const complete = !answer.startsWith('incomplete');
  const listed = answer.replace(/^incomplete ?/, '');
  if (kind === 'signatures') {
    const signatures = listed.split(' | ').map((one) => ({ parameters: parametersOf(one) }));
    return { signatures, complete };
  }
  const names = listed.split(kind === 'strings' || kind.startsWith('json') ? ' · ' : /\s+/);
  return { names: names.filter((name) => name !== '').map((text) => ({ text, kind: 'other' })), complete };
}

/** `(a, b?, ...rest)`; in Python `*args`, `**keywords`, and only by name after `*`. */
function parametersOf(signature: string): readonly Parameter[] {
  const parameters: Parameter[] = [];
  let byName = false;
  for (const written of signature.replace(/^\(|\)$/g, '').split(/,\s*/)) {
    if (written === '') continue;
    if (written === '*') {
      byName = true;
      continue;
    }
    const rest = written.startsWith('**') ? 'name' : /^(?:\*|\.\.\.)/.test(written) ? 'position' : undefined;
    parameters.push({
      name: written.replace(/^[*.]+|\?$/g, ''),
      optional: written.endsWith('?') || rest !== undefined,
      ...(rest && { rest }),
      ...(byName && !rest && { only: 'name' as const }),
    });
  }
  return parameters;
}

/** `·` is a blank at an end, `⏎` a line end. */
function unescaped(text: string): string {
  return text.replaceAll('·', ' ').replaceAll('⏎', '\n');
}
