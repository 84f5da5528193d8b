/**
 * The analysis server of JSON: the service behind the VS Code JSON server, as a process that speaks LSP.
 *
 * Schemas come from this machine alone: what a file names by `$schema`, what `.vscode/settings.json` says under
 * `json.schemas`, a `NAME.schema.json` beside `NAME.json`, and the drafts of JSON Schema itself. Nothing is fetched.
 */
import { readFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  getLanguageService,
  type JSONDocument,
  type LanguageService,
  type SchemaConfiguration,
} from 'vscode-json-languageservice';
import {
  createConnection,
  DocumentDiagnosticReportKind,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { z } from 'zod';

const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
const documents = new TextDocuments(TextDocument);
let root: string | undefined;
let service: LanguageService = openService();

function openService(): LanguageService {
  const opened = getLanguageService({
    schemaRequestService: async (uri) => {
      if (!uri.startsWith('file:')) throw new Error(`${uri} is not on this machine, and nothing is fetched.`);
      return readFile(fileURLToPath(uri), 'utf8');
    },
    workspaceContext: { resolveRelativePath: (relative, base) => new URL(relative, base).href },
  });
  opened.configure({ validate: true, allowComments: true, schemas: associated() });
  return opened;
}

const settings = z.object({
  'json.schemas': z
    .array(
      z.object({
        fileMatch: z.array(z.string()).optional(),
        url: z.string().optional(),
        schema: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

/** What the workspace's settings say about which schema goes with which file. */
function associated(): SchemaConfiguration[] {
  if (root === undefined) return [];
  const folder = root;
  const file = path.join(folder, '.vscode/settings.json');
  if (!existsSync(file)) return [];
  const read = settings.safeParse(parseWithComments(readFileSync(file, 'utf8')));
  const schemas = (read.success ? read.data['json.schemas'] : undefined) ?? [];
  return schemas.map(({ fileMatch = [], url, schema }, index) => ({
    fileMatch,
    uri: url === undefined ? `candor:schema/${index}` : absolute(url, folder),
    ...(schema && { schema }),
  }));
}

function absolute(url: string, folder: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : pathToFileURL(path.resolve(folder, url)).href;
}

/** Settings files have comments; the service's own parser knows them. */
function parseWithComments(text: string): unknown {
  const parser = getLanguageService({});
  const document = TextDocument.create('file:///settings.json', 'jsonc', 0, text);
  const { root: node } = parser.parseJSONDocument(document) as JSONDocument & { root?: JsonNode };
  return node && valueOf(node);
}

interface JsonNode {
  readonly type: string;
  readonly value?: unknown;
  readonly items?: readonly JsonNode[];
  readonly properties?: readonly {
    readonly keyNode: { readonly value: string };
    readonly valueNode?: JsonNode;
  }[];
}

function valueOf(node: JsonNode): unknown {
  if (node.type === 'array') return node.items?.map(valueOf) ?? [];
  if (node.type !== 'object') return node.value ?? null;
  return Object.fromEntries(
    (node.properties ?? []).flatMap(({ keyNode, valueNode }) =>
      valueNode ? [[keyNode.value, valueOf(valueNode)] as const] : [],
    ),
  );
}

/** The document, and the schema beside it if no other is named. */
function open(uri: string) {
  const document = documents.get(uri);
  if (!document) return undefined;
  const beside = uri.replace(/\.jsonc?$/, '.schema.json');
  const isBeside = beside !== uri && beside.startsWith('file:') && existsSync(fileURLToPath(beside));
  if (isBeside) {
    const schemas = [...associated(), { fileMatch: [uri], uri: beside }];
    service.configure({ validate: true, allowComments: true, schemas });
  }
  return { document, parsed: service.parseJSONDocument(document) };
}

connection.onInitialize(({ workspaceFolders }) => {
  const [folder] = workspaceFolders ?? [];
  if (folder?.uri.startsWith('file:')) root = fileURLToPath(folder.uri);
  service = openService();
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: {},
      diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false },
    },
  };
});
connection.onCompletion(async ({ textDocument, position }) => {
  const opened = open(textDocument.uri);
  return opened ? service.doComplete(opened.document, position, opened.parsed) : null;
});
connection.languages.diagnostics.on(async ({ textDocument }) => {
  const opened = open(textDocument.uri);
  const items = opened
    ? await service.doValidation(opened.document, opened.parsed, { schemaValidation: 'error' })
    : [];
  return { kind: DocumentDiagnosticReportKind.Full, items };
});
// Schemas may have changed, or what the settings say about them.
connection.onDidChangeWatchedFiles(() => {
  service = openService();
});
documents.listen(connection);
connection.listen();
