/** What is particular to one analysis server: how it is started and set up, and what its answers mean. */
import type { Diagnostic } from '../questions.js';
import type { MisplacedError } from './misplaced-errors.js';
import type { Launch } from './peer.js';

/** Where a server is to run, and what it may be. */
export interface ServerPlace {
  /** Absolute folder that it takes for its workspace. */
  readonly root: string;
  /** Whether the user trusts the workspace: only then may anything in it choose or run programs. */
  readonly trusted: boolean;
}

export interface ServerRow {
  /** One word, for the trace and the log: `typescript`, `gopls`, … */
  readonly name: string;
  /** As a sentence begins with it. */
  readonly title: string;
  /** How to start it, or a sentence that says why it cannot be. */
  readonly launch: (place: ServerPlace) => Launch | Missing;
  readonly initializationOptions?: unknown;
  /** What the server is told when it asks for a section of its settings. */
  readonly configuration: (section: string, place: ServerPlace) => unknown;
  /** Whether `isIncomplete` says nothing about a list: pyright sets it always. */
  readonly listsAreWhole?: boolean;
  /** Languages in which words of the text stand beside the names of a list: elsewhere they mean that the server guesses. */
  readonly addsWords?: readonly string[];
  /** How diagnostics are asked for where the server only publishes them: by a command of its own, once or more. */
  readonly askDiagnostics?: {
    readonly command: string;
    readonly argumentsFor: (uri: string) => readonly (readonly unknown[])[];
    /** The diagnostics in an answer, in LSP's form. */
    readonly read: (answer: unknown) => unknown;
  };
  /** Codes of errors that only say that a program is not finished yet. */
  readonly unfinished?: readonly string[];
  /** Whether errors with this code are of syntax: then the server may not have understood what stands after them. */
  readonly isOfSyntax?: (code: string | undefined) => boolean;
  /** Whether an error lies on a name, but is about what is done with it. */
  readonly misplaced?: (error: Pick<Diagnostic, 'code' | 'message'>) => MisplacedError | undefined;
  /** Languages in which a call may leave out arguments though its signature names them. */
  readonly laxCalls?: readonly string[];
}

export interface Missing {
  readonly missing: string;
}

export function isMissing(launch: Launch | Missing): launch is Missing {
  return 'missing' in launch;
}
