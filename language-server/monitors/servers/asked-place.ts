/** The place that a question is about: a program that nobody has saved, and the offset in it. */
import type { SourceText } from './open-texts.js';
import type { ProgramQuestion } from '../questions.js';

/** The text around the cursor of the request that asks. Line ends are `\n`. */
export interface SpeculativeProgram {
  readonly uri: string;
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
}

export interface AskedPlace {
  readonly uri: string;
  readonly languageId: string;
  /** The text up to the place, and from it on. */
  readonly before: string;
  readonly after: string;
  /** Brackets that are open at the place and closed nowhere: `)}`. */
  readonly closers: string;
}

export function placeOf(question: ProgramQuestion, program: SpeculativeProgram): AskedPlace {
  const { uri, languageId, before, after } = program;
  const { back, written, closers } = question;
  return { uri, languageId, before: before.slice(0, before.length - back) + written, after, closers };
}

/** The program with `inserted` at the place. */
export function textWith({ uri, languageId, before, after }: AskedPlace, inserted: string): SourceText {
  return { uri, languageId, text: before + inserted + after };
}
