/** Opens the product's analysis servers: they start when they are first asked. */
import type { Analysis, AnalysisNeeds } from './completion/analysis.js';
import { AnalysisServers, type AnalysisOptions } from './monitors/servers/analysis-servers.js';
import { monitorsFor } from './monitors/monitors-for.js';
import { questionAt, type ProgramQuestion } from './monitors/questions.js';

/** An analysis whose processes and open texts can be counted. */
export interface CountedAnalysis extends Analysis {
  usage(): ReturnType<AnalysisServers['usage']>;
}

/** `options` are for tests and benchmarks. */
export function openAnalysis(needs: AnalysisNeeds, options: Partial<AnalysisOptions> = {}): CountedAnalysis {
  const servers = new AnalysisServers({ ...needs, ...options });
  let asking = new AbortController();
  return {
    answer(question, { uri, ...program }, signal) {
      if (uri === undefined) return Promise.resolve({ unknown: 'the text has no name' });
      // All questions of monitors are about programs.
      return servers.answer(question as ProgramQuestion, { ...program, uri }, signal);
    },
    warm: (document) => servers.warm(document),
    ahead(program) {
      asking.abort();
      asking = new AbortController();
      const { questions } = monitorsFor({ ...program, lead: '' });
      // All questions of monitors are about programs.
      const members = (questions as readonly ProgramQuestion[]).filter(({ kind }) => kind === 'members');
      if (members.length === 0) return;
      const errors = questionAt('diagnostics', { written: '', back: 0, closers: '' });
      for (const question of [errors, ...members]) void servers.answer(question, program, asking.signal);
    },
    filesChanged: (changes) => {
      servers.filesChanged(changes);
    },
    problems: () => servers.problems(),
    usage: () => servers.usage(),
    stop: () => servers.stop(),
  };
}
