/** Whether a suggestion brings errors that its language's own analysis finds, in files as they lie in the corpus. */
import { pathToFileURL } from 'node:url';
import type { Completions } from '../../../language-server/completion/complete.js';
import { questionAt, type Answer } from '../../../language-server/monitors/questions.js';
import { openAnalysis, type CountedAnalysis } from '../../../language-server/open-analysis.js';
import type { Cut } from '../cases.js';

/** An error where the text without the suggestion has none; undefined when nobody could say. */
export type TypeJudge = (cut: Cut, item: Completions['items'][number]) => Promise<boolean | undefined>;

/** Judges nothing: a run that is about time starts no servers. */
export const noTypeJudge: ReturnType<typeof openTypeJudge> = {
  judge: () => Promise.resolve(undefined),
  close: () => Promise.resolve(),
};

/** The servers that ship, over a corpus. Its packages' own dependencies are missing: what comes from them is unknown. */
export function openTypeJudge(corpus: string): {
  readonly judge: TypeJudge;
  readonly close: () => Promise<void>;
} {
  const analysis: CountedAnalysis = openAnalysis({
    folders: () => [corpus],
    // The corpus lies below a checkout: an older TypeScript that is installed there is not the packages' own.
    trusted: () => false,
    commands: () => ({}),
    documents: () => [],
    changed: () => undefined,
  });
  const never = new AbortController().signal;
  return {
    judge: async ({ before, after, file }, { text, start, end }) => {
      const written = text.slice(Math.max(0, before.length - start));
      const program = {
        uri: pathToFileURL(file.absolutePath).href,
        languageId: file.languageId,
        before,
        after: (before + after).slice(Math.max(end, before.length)),
      };
      const question = questionAt('diagnostics', { written, back: 0, closers: '' });
      const answer = (await analysis.answer(question, program, never)) as Answer;
      if (answer === undefined || !('added' in answer)) return undefined;
      return answer.added.some(({ severity }) => severity === 'error');
    },
    close: () => analysis.stop(),
  };
}
