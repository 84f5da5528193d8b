/** Requests about the models on this machine: passed on to the thread that keeps them, in trusted workspaces only. */
import { fileURLToPath } from 'node:url';
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
} from 'vscode-languageserver/node';
import { sourceFilesIn } from '../completion/calibration-files.js';
import {
  addModelNotification,
  addModelRequest,
  calibrateExitsRequest,
  fillInRequest,
  modelsRequest,
  removeModelRequest,
  type AddModelProgress,
  type ExitsToCalibrate,
  type FillInTokens,
  type ModelToAdd,
  type ModelToRemove,
  type ToModels,
} from '../protocol.js';
import { toSignal } from './from-protocol.js';

type Asked = ToModels extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

/** Who lists, converts, corrects and removes models. Rejects with a sentence. */
export interface ModelKeeper {
  ask(asked: Asked, signal?: AbortSignal, heard?: (progress: AddModelProgress) => void): Promise<unknown>;
  close(): void;
}

/** Installs the handlers. What a workspace that is not trusted asks for is refused. */
export function serveModels(
  connection: Connection,
  keeper: ModelKeeper | undefined,
  now: () => { trusted: boolean; mirror: string; defaultBundle: string; folders: readonly string[] },
): void {
  const refuse = (why: string): never => {
    throw new ResponseError(LSPErrorCodes.RequestFailed, why);
  };
  const ask = async (asked: Asked, token: CancellationToken): Promise<unknown> => {
    if (!now().trusted) return refuse('Models can be changed in trusted workspaces only.');
    if (!keeper) return refuse('This server keeps no models.');
    const signal = toSignal(token);
    try {
      return (
        (await keeper.ask(asked, signal, ({ share, text }) => {
          void connection.sendNotification(addModelNotification, { share, text });
        })) ?? null
      );
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ResponseError(
        signal.aborted ? LSPErrorCodes.RequestCancelled : LSPErrorCodes.RequestFailed,
        why,
      );
    }
  };
  connection.onRequest(modelsRequest, (token: CancellationToken) =>
    ask({ kind: 'list', shipped: now().defaultBundle }, token),
  );
  connection.onRequest(addModelRequest, (wanted: ModelToAdd, token: CancellationToken) =>
    ask({ ...wanted, kind: 'add', ...mirrored(now().mirror) }, token),
  );
  connection.onRequest(removeModelRequest, (wanted: ModelToRemove, token: CancellationToken) =>
    ask({ ...wanted, kind: 'remove' }, token),
  );
  connection.onRequest(fillInRequest, (wanted: FillInTokens, token: CancellationToken) =>
    ask({ ...wanted, kind: 'fill-in' }, token),
  );
  connection.onRequest(calibrateExitsRequest, async (wanted: ExitsToCalibrate, token: CancellationToken) => {
    const folder = wanted.folder.startsWith('file:') ? fileURLToPath(wanted.folder) : undefined;
    if (folder === undefined || !now().folders.includes(folder))
      return refuse(`${wanted.folder} is no folder of this workspace.`);
    const files = now().trusted ? (await sourceFilesIn(folder)).map((file) => file.path) : [];
    return ask({ kind: 'calibrate-exits', name: wanted.name, files }, token);
  });
}

function mirrored(mirror: string): { mirror?: string } {
  return mirror === '' ? {} : { mirror };
}
