/** Answers what monitors ask, with the right server for each document. Owner of all analysis servers. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, NamesKind, ProgramQuestion, Unknown } from '../questions.js';
import { AnalysisServer, usualPatience, type Patience } from './analysis-server.js';
import { AnswerCache } from './answer-cache.js';
import { askDiagnostics } from './ask-diagnostics.js';
import { askNames } from './ask-names.js';
import { askSignatures } from './ask-signatures.js';
import { placeOf, textWith, type SpeculativeProgram } from './asked-place.js';
import type { SourceText } from './open-texts.js';
import { serverFor, type ServerCommands } from './server-for.js';
import type { ServerSession } from './server-session.js';

/** What the servers need from outside. All are asked anew for each question. */
export interface AnalysisOptions {
  /** Absolute folders of the workspace. */
  readonly folders: () => readonly string[];
  readonly trusted: () => boolean;
  /** The user's own servers. */
  readonly commands: () => ServerCommands;
  /** The editor's open documents, as they stand. */
  readonly documents: () => readonly SourceText[];
  /** Hears that a server has become unavailable, or available again. */
  readonly changed?: () => void;
  readonly patience?: Patience;
  /** Which server knows a language; tests put in their own. */
  readonly serverFor?: typeof serverFor;
}

/** Servers beyond these are stopped, the one first that was asked longest ago. */
const MOST_SERVERS = 4;

export class AnalysisServers {
  /** The most recently asked last. */
  private readonly servers = new Map<string, AnalysisServer>();
  private readonly cache = new AnswerCache();
  /** Numbers of document values: one for each version of each document. */
  private readonly states = new WeakMap<SourceText, number>();
  private lastState = 0;

  constructor(private readonly options: AnalysisOptions) {}

  /** Never rejects: whoever cannot answer says why. */
  async answer(question: ProgramQuestion, program: SpeculativeProgram, signal: AbortSignal): Promise<Answer> {
    const server = this.serverOf(program);
    if (!server) return { unknown: `no analysis server knows ${program.languageId}` };
    const place = placeOf(question, program);
    const { kind, closers } = question;
    const key = [kind, closers, program.uri, this.stateOfOthers(program.uri)].join(' ');
    const answer = this.cache.get(key, place.before, place.after, () =>
      server.use(async (session): Promise<Answer> => {
        this.holdOnly(textWith(place, ''), session, server);
        if (kind === 'diagnostics')
          return askDiagnostics(question, program, (...asked) => this.baseline(...asked), session);
        if (kind === 'signatures') return askSignatures(place, session);
        return askNames(kind satisfies NamesKind, place, session);
      }, signal),
    );
    const drop = () => {
      this.cache.drop(answer);
    };
    // Whoever asks again shall not wait for what has been given up.
    signal.addEventListener('abort', drop, { once: true });
    const known = await answer;
    signal.removeEventListener('abort', drop);
    // What could not be found out this time may be next time.
    if (known === undefined || 'unknown' in known) this.cache.drop(answer);
    return known;
  }

  /** Starts the server of a document and has it read the project, so that the first question finds it ready. */
  async warm(document: SourceText): Promise<string | undefined> {
    const server = this.serverOf(document);
    if (!server) return `no analysis server knows ${document.languageId}`;
    const warmed = await server.use(async (session): Promise<{ readonly warm: boolean }> => {
      this.holdOnly(document, session, server);
      return { warm: (await session.diagnostics(document)) !== undefined };
    }, new AbortController().signal);
    return isUnknown(warmed) ? warmed.unknown : undefined;
  }

  /** Files on the disk have changed. */
  filesChanged(changes: readonly { readonly uri: string; readonly type: number }[]): void {
    this.cache.forget();
    for (const server of this.servers.values()) server.filesChanged(changes);
  }

  /** Why monitors are not to be had, one sentence for each server that is unavailable. */
  problems(): readonly string[] {
    return [...this.servers.values()].flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  }

  /** Which servers have been asked. */
  names(): readonly string[] {
    return [...this.servers.values()].map(({ row }) => row.name);
  }

  /** Processes and open texts, for whoever looks after leaks. */
  usage(): { readonly processes: readonly number[]; readonly texts: number } {
    const servers = [...this.servers.values()];
    return {
      processes: servers.flatMap(({ processId }) => (processId === undefined ? [] : [processId])),
      texts: servers.reduce((sum, { openTexts }) => sum + openTexts, 0),
    };
  }

  /** Ends all servers; they start again when they are asked. */
  async stop(): Promise<void> {
    const servers = [...this.servers.values()];
    this.servers.clear();
    this.cache.forget();
    await Promise.all(servers.map((server) => server.dispose()));
  }

  private serverOf(document: Named): AnalysisServer | undefined {
    const { changed = () => undefined, patience = usualPatience } = this.options;
    const wanted = this.wantedFor(document);
    if (!wanted) return undefined;
    const key = keyOf(wanted);
    const known = this.servers.get(key) ?? new AnalysisServer(wanted.row, wanted.place, patience, changed);
    this.servers.delete(key);
    this.servers.set(key, known);
    for (const [oldest, server] of [...this.servers].slice(0, -MOST_SERVERS)) {
      this.servers.delete(oldest);
      void server.dispose();
    }
    return known;
  }

  /** Which server, and where. */
  private wantedFor({ uri, languageId }: Named): Wanted | undefined {
    const { folders, trusted, commands } = this.options;
    const place = { root: rootOf(uri, folders()), trusted: trusted() };
    const row = (this.options.serverFor ?? serverFor)(languageId, place, commands());
    return row && { row, place };
  }

  /** The server sees the text in question, the editor's other documents, and nothing else. */
  private holdOnly(text: SourceText, session: ServerSession, server: AnalysisServer): void {
    const others = this.options
      .documents()
      .filter((other) => other.uri !== text.uri && isAt(this.wantedFor(other), server));
    session.hold([text, ...others]);
  }

  /** Tells states of the editor's other documents apart. */
  private stateOfOthers(uri: string): string {
    const others = this.options.documents().filter((document) => document.uri !== uri);
    return others.map((other) => this.stateOf(other)).join(' ');
  }

  private stateOf(document: SourceText): number {
    const known = this.states.get(document) ?? ++this.lastState;
    this.states.set(document, known);
    return known;
  }

  private baseline(program: SpeculativeProgram, session: ServerSession) {
    const { uri, languageId, before, after } = program;
    const answer = this.cache.get(`baseline ${uri} ${this.stateOfOthers(uri)}`, before, after, () =>
      session.diagnostics({ uri, languageId, text: before + after }),
    );
    void answer.then(
      (known) => {
        if (!known) this.cache.drop(answer);
      },
      () => {
        this.cache.drop(answer);
      },
    );
    return answer;
  }
}

type Named = Pick<SourceText, 'uri' | 'languageId'>;
type Wanted = Pick<AnalysisServer, 'row' | 'place'>;

/** Equal for equal servers in the same place. */
function keyOf({ row, place }: Wanted): string {
  return `${row.name} ${place.trusted} ${place.root}`;
}

function isAt(wanted: Wanted | undefined, server: AnalysisServer): boolean {
  return wanted !== undefined && keyOf(wanted) === keyOf(server);
}

/** What lies at the root of a project. */
const marks = [
  'tsconfig.json',
  'jsconfig.json',
  'package.json',
  'pyproject.toml',
  'pyrightconfig.json',
  '.git',
];

/** The folder that a file belongs to: the innermost of the workspace's; or that of its project; or its own. */
export function rootOf(uri: string, folders: readonly string[]): string {
  const file = uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  const inside = folders.filter((folder) => file?.startsWith(folder.replace(/[\\/]*$/, path.sep)));
  const [innermost] = inside.sort((a, b) => b.length - a.length);
  if (innermost !== undefined) return innermost;
  return file === undefined ? (folders[0] ?? process.cwd()) : projectOf(path.dirname(file));
}

function projectOf(home: string): string {
  for (let folder = home; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (marks.some((mark) => existsSync(path.join(folder, mark)))) return folder;
  }
  return home;
}

function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value;
}
