/** Analysis servers for tests: a misbehaving one, or the real ones over a folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Patience } from '../../language-server/monitors/servers/analysis-server.js';
import {
  AnalysisServers,
  type AnalysisOptions,
} from '../../language-server/monitors/servers/analysis-servers.js';
import type { ServerRow } from '../../language-server/monitors/servers/server-row.js';
import { questionAt, type Answer, type QuestionKind } from '../../language-server/monitors/questions.js';

/** Short enough for tests, and far above what an answer takes. */
export const hurried: Patience = {
  answerMs: 1_500,
  startMs: 3_000,
  idleMs: 60_000,
  restartMs: () => 10,
};

/** A server whose misbehaviour `fault` names; each of its processes notes its id in `pids`. */
export function faultyRow(fault: string, pids: string): ServerRow {
  const script = path.join(import.meta.dirname, 'faulty-server.mjs');
  return {
    name: 'faulty',
    title: 'The faulty server',
    launch: () => ({
      command: process.execPath,
      args: [script, fault, pids],
      workingFolder: import.meta.dirname,
    }),
    configuration: () => ({}),
  };
}

export interface Bench {
  readonly servers: AnalysisServers;
  readonly folder: string;
  /** Processes that have been started so far. */
  readonly started: () => readonly number[];
  /** Asks at `▮` in a file of the folder; what stands after `▯` was written since the cursor. */
  readonly ask: (kind: QuestionKind, file: string, text: string, written?: string) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

const languages: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.tsx': 'typescriptreact',
  '.js': 'javascript',
  '.py': 'python',
  '.json': 'json',
  '.c': 'c',
  '.cpp': 'cpp',
  '.go': 'go',
  '.rs': 'rust',
};

/** Servers over a new folder that holds `files`. The caller closes it. */
export function analysisOf(
  files: Readonly<Record<string, string>>,
  options: Partial<AnalysisOptions> & { readonly fault?: string } = {},
): Bench {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'candor-analysis-'));
  const pids = path.join(folder, 'pids.txt');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const { fault, ...others } = options;
  const servers = new AnalysisServers({
    folders: () => [folder],
    trusted: () => true,
    commands: () => ({}),
    documents: () => [],
    ...(fault !== undefined && { serverFor: () => faultyRow(fault, pids), patience: hurried }),
    ...others,
  });
  return {
    servers,
    folder,
    started() {
      try {
        return readFileSync(pids, 'utf8').trim().split('\n').map(Number);
      } catch {
        return [];
      }
    },
    ask(kind, file, text, written = '') {
      const [before = '', after = ''] = text.split('▮');
      const uri = pathToFileURL(path.resolve(folder, file)).href;
      const languageId = languages[path.extname(file)] ?? 'plaintext';
      const question = questionAt(kind, { written, back: 0, closers: '' });
      return servers.answer(question, { uri, languageId, before, after }, new AbortController().signal);
    },
    async close() {
      await servers.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Whether a process lives; one that has ended but that nobody has asked about does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/^\d+ \(.*\) Z/.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
