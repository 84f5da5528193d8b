/** A question that arose after some text had been written, in terms of the place where that writing began. */
import { questionAt, type ProgramQuestion } from './questions.js';

/** `question` counts from the end of `written`; the one returned counts from its beginning. */
export function moved(question: ProgramQuestion, written: string): ProgramQuestion {
  const { kind, back, closers } = question;
  if (back > written.length) return questionAt(kind, { written: '', back: back - written.length, closers });
  const kept = written.slice(0, written.length - back);
  return questionAt(kind, { written: kept + question.written, back: 0, closers });
}
