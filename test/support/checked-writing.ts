/** Writes with a model that would rather write what brings errors, beside a server that knows it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question } from '../../language-server/constraints/constraint.js';
import { noGrammars } from '../../language-server/decoding/grammars.js';
import { noTable } from '../../language-server/decoding/ngrams/ngram-table.js';
import { write } from '../../language-server/decoding/write.js';
import type { WriteOutcome, WriteRequest } from '../../language-server/decoding/write-request.js';
import type { Names } from '../../language-server/monitors/questions.js';
import { never } from '../../language-server/inference/cancellation.js';
import { monitoring } from '../../language-server/monitoring.js';
import { languages } from '../../syntax/languages.js';
import { grammarOf } from './grammars.js';
import { scriptedModel } from './scripted-model.js';
import { toyToken, toyTokenizer } from './toy-vocabulary.js';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const tokenizer = toyTokenizer(['\n', ...printable]);
const { vocabulary } = tokenizer;
export const standard = 'x = ledger ';

/** A server that knows which words are wrong; `undefined`: it does not answer. */
export type Knows = (written: string) => readonly { start: number; end: number }[] | undefined;

export const wrongWord =
  (word: RegExp): Knows =>
  (written) =>
    [...written.matchAll(word)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }));

/** What is written by a model that wants `wishes`, the first one most. */
export function written(
  wishes: readonly string[],
  knows: Knows,
  changes: Partial<WriteRequest> = {},
  members?: Names | Promise<Names>,
  onProgress: (text: string) => void = () => undefined,
  answerMs = 0,
): Promise<WriteOutcome> {
  const { before } = changes.program ?? { before: standard };
  const spelled = (tokens: readonly number[]) =>
    Buffer.concat(tokens.map((token) => vocabulary.bytesOf(token))).toString('utf8');
  const model = scriptedModel(vocabulary, (tokens, prompt) => {
    const text = spelled(prompt) + spelled(tokens);
    const next = new Map<number, number>();
    for (const [index, wish] of wishes.entries()) {
      const whole = before + wish;
      if (!whole.startsWith(text)) continue;
      const token = toyToken(vocabulary, whole[text.length] ?? '<end>');
      next.set(token, (next.get(token) ?? 0) + 1 / 5 ** index);
    }
    const sum = [...next.values()].reduce((total, weight) => total + weight, 0);
    for (const [token, weight] of next) next.set(token, (0.95 * weight) / sum);
    return next.size > 0 ? next : new Map([[toyToken(vocabulary, '<end>'), 0.9]]);
  });
  const request: WriteRequest = {
    prompt: { parts: [{ kind: 'text', text: before }], maxTokens: 5000 },
    fillsIn: false,
    program: { uri: 'file:///a.x', languageId: 'unknown', before, after: '' },
    shape: 'line',
    drafts: 1,
    drafting: 'branches',
    nearby: [],
    maxTokens: 100,
    syntax: false,
    backUp: 1,
    leastClosing: 0.05,
    monitors: 'check',
    inComments: true,
    inStrings: true,
    ...changes,
  };
  const answerTo = ({ kind, written: text }: Question): Promise<unknown> => {
    if (kind === 'members') return Promise.resolve(members);
    const found = kind === 'diagnostics' ? knows(text) : undefined;
    const added = found?.map((place) => ({ ...place, severity: 'error', message: 'wrong' }));
    return Promise.resolve(added && { added });
  };
  const ask = (question: Question): Promise<unknown> =>
    answerMs > 0 ? sleep(answerMs).then(() => answerTo(question)) : answerTo(question);
  return write(request, {
    model: {
      ...model,
      maxTokens: 10_000,
      open: async (...asked) => ({ ...(await model.open(...asked)), speculated: { guessed: 3, held: 1 } }),
    },
    tokenizer,
    grammars: (id) => (languages[id] ? grammarOf(languages[id].grammar) : noGrammars(id)),
    ngrams: noTable,
    ask,
    monitoring,
    cancellation: never,
    onProgress,
  });
}

export const texts = ({ drafts }: WriteOutcome) => drafts.map(({ text }) => text);
