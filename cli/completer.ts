/** The pipeline of the server without an editor: a model loaded once, and answers in the form of the command line. */
import type { OpenPlace } from './complete.js';
import type { CompleteJson } from './complete-json.js';

export interface Completer {
  /** @throws EngineFailure when the model cannot answer; the message names the thing and the remedy. */
  complete(open: OpenPlace): Promise<CompleteJson>;
  close(): Promise<void>;
}
