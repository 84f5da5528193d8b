/** Opens the product's analysis servers: they start when they are first asked. */
import type { Analysis, AnalysisNeeds } from './completion/analysis.js';
import { normalizedText } from './completion/completion-context.js';
import type { Document } from './completion/document.js';
import { AnalysisServers, type AnalysisOptions } from './monitors/servers/analysis-servers.js';
import type { SpeculativeProgram } from './monitors/servers/asked-place.js';
import { monitorsFor } from './monitors/monitors-for.js';
import { questionAt, type ProgramQuestion } from './monitors/questions.js';

/** An analysis whose processes and open texts can be counted. */
export interface CountedAnalysis extends Analysis {
  usage(): ReturnType<AnalysisServers['usage']>;
}

/** `options` are for tests and benchmarks. */
export function openAnalysis(needs: AnalysisNeeds, options: Partial<AnalysisOptions> = {}): CountedAnalysis {
  const servers = new AnalysisServers({ ...needs, ...options });
  let asked: AskedAhead | undefined;
  return {
    answer(question, { uri, ...program }, signal) {
      if (uri === undefined) return Promise.resolve({ unknown: 'the text has no name' });
      // All questions of monitors are about programs.
      return servers.answer(question as ProgramQuestion, { ...program, uri }, signal);
    },
    warm: (document) => servers.warm(document),
    ahead(program) {
      giveUp(asked);
      asked = undefined;
      const { questions } = monitorsFor({ ...program, lead: '' });
      // All questions of monitors are about programs.
      const members = (questions as readonly ProgramQuestion[]).filter(({ kind }) => kind === 'members');
      if (members.length === 0) return;
      const errors = questionAt('diagnostics', { written: '', back: 0, closers: '' });
      asked = { program, errors: new AbortController(), members: new AbortController() };
      void servers.answer(errors, program, asked.errors.signal);
      for (const question of members) void servers.answer(question, program, asked.members.signal);
    },
    changed(document) {
      if (asked?.program.uri !== document.uri) return;
      asked.errors.abort();
      if (isNameAt(asked.program, document)) return;
      giveUp(asked);
      asked = undefined;
    },
    filesChanged: (changes) => {
      servers.filesChanged(changes);
    },
    problems: () => servers.problems(),
    usage: () => servers.usage(),
    stop: () => servers.stop(),
  };
}

/** What is being found out about a place before anybody wants to know. */
interface AskedAhead {
  readonly program: SpeculativeProgram;
  /** Which errors there are: holds for this very text. */
  readonly errors: AbortController;
  /** Which members there are: holds while a name is typed at the place. */
  readonly members: AbortController;
}

function giveUp(asked: AskedAhead | undefined): void {
  asked?.errors.abort();
  asked?.members.abort();
}

/** Whether `document` differs from the program by no more than a name, or its beginning, at the place. */
function isNameAt({ before, after }: SpeculativeProgram, document: Document): boolean {
  const text = normalizedText(document);
  const length = text.length - before.length - after.length;
  if (length < 0 || !text.startsWith(before) || !text.endsWith(after)) return false;
  return /^[\p{L}\p{N}_$]*$/u.test(text.slice(before.length, before.length + length));
}
