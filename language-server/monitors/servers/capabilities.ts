/** What we tell a server that we can do, and what matters of what it says that it can. */
import { z } from 'zod';

export const clientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  textDocument: {
    synchronization: { didSave: false },
    completion: {
      contextSupport: true,
      completionItem: { snippetSupport: false, insertReplaceSupport: false },
    },
    signatureHelp: {
      contextSupport: true,
      signatureInformation: { parameterInformation: { labelOffsetSupport: true } },
    },
    diagnostic: { dynamicRegistration: true, relatedDocumentSupport: false },
    publishDiagnostics: { versionSupport: true },
  },
} as const;

export interface ServerCapabilities {
  /** Whether it takes changes in place of whole texts. */
  readonly takesChanges: boolean;
  /** Whether diagnostics can be asked for; else they come when the server sees fit. */
  readonly pullsDiagnostics: boolean;
  readonly signatures: boolean;
  /** Commands that it carries out. */
  readonly commands: readonly string[];
}

const shape = z.object({
  capabilities: z.object({
    textDocumentSync: z
      .union([z.number(), z.object({ change: z.number().optional() })])
      .optional()
      .catch(undefined),
    diagnosticProvider: z.unknown().optional(),
    signatureHelpProvider: z.unknown().optional(),
    executeCommandProvider: z
      .object({ commands: z.array(z.string()) })
      .optional()
      .catch(undefined),
  }),
});

/** LSP's `TextDocumentSyncKind.Incremental`. */
const INCREMENTAL = 2;

/** @throws ZodError when the answer to `initialize` is none. */
export function readCapabilities(answer: unknown): ServerCapabilities {
  const { capabilities } = shape.parse(answer);
  const { textDocumentSync: sync, diagnosticProvider, signatureHelpProvider } = capabilities;
  return {
    takesChanges: (typeof sync === 'number' ? sync : sync?.change) === INCREMENTAL,
    pullsDiagnostics: diagnosticProvider !== undefined && diagnosticProvider !== null,
    signatures: signatureHelpProvider !== undefined && signatureHelpProvider !== null,
    commands: capabilities.executeCommandProvider?.commands ?? [],
  };
}

const registered = z.object({ registrations: z.array(z.object({ method: z.string() })) });

/** Whether a server registers later that diagnostics can be asked for: `params` are those of `client/registerCapability`. */
export function registersDiagnostics(params: unknown): boolean {
  const read = registered.safeParse(params);
  return read.success && read.data.registrations.some(({ method }) => method === 'textDocument/diagnostic');
}
