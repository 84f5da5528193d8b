// An analysis server that misbehaves in the way that its first argument names; it answers all else like a small real one.
import { createConnection, DocumentDiagnosticRequest, ProposedFeatures } from 'vscode-languageserver/node';

const [, , fault = 'none', pidFile] = process.argv;
if (pidFile) await (await import('node:fs/promises')).appendFile(pidFile, `${process.pid}\n`);
if (fault === 'garbage') {
  process.stdout.write('Welcome to the server!\r\n\r\n{"not": "a message"');
  setInterval(() => process.stdout.write('more of it\n'), 20);
} else {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const silent = new Promise(() => undefined);
  const texts = new Map();
  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: 1,
      completionProvider: {},
      signatureHelpProvider: {},
      ...(fault !== 'late' && fault !== 'publishes' && { diagnosticProvider: {} }),
    },
  }));
  // Only after the first question has come.
  const register = () =>
    connection.client.register(DocumentDiagnosticRequest.type, { documentSelector: null });
  if (fault === 'late') connection.onInitialized(() => setTimeout(register, 300));
  const publish = (uri, version) => {
    const { items: diagnostics } = report(uri);
    setTimeout(() => connection.sendDiagnostics({ uri, version, diagnostics }), 100);
  };
  const changed = (uri, version, text) => {
    texts.set(uri, text);
    if (fault === 'publishes') publish(uri, version);
  };
  connection.onDidOpenTextDocument(({ textDocument: { uri, version, text } }) => changed(uri, version, text));
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) =>
    changed(uri, version, contentChanges.at(-1).text),
  );
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => texts.delete(uri));
  let asked = 0;
  connection.onCompletion(() => {
    asked++;
    if (fault === 'counts' || fault === 'waits-for-names') return [{ label: `asked${asked}`, kind: 5 }];
    if (fault === 'dies') process.exit(7);
    if (fault === 'silent') return silent;
    if (fault === 'nonsense') return { isIncomplete: 'perhaps', items: 'many' };
    if (fault === 'incomplete') return { isIncomplete: true, items: [{ label: 'alpha', kind: 5 }] };
    if (fault === 'many') {
      return Array.from({ length: 100_000 }, (_, index) => ({ label: `name${index}`, kind: 5 }));
    }
    return [{ label: 'alpha', kind: 5 }, { label: 'beta', kind: 2 }, { label: 7 }];
  });
  connection.languages.diagnostics.on(({ textDocument: { uri } }) =>
    fault === 'waits-for-names' && !/\.\w/.test(texts.get(uri)) ? silent : report(uri),
  );
  function report(uri) {
    const lines = (texts.get(uri) ?? '').split('\n');
    const items = lines.flatMap((text, line) =>
      [...text.matchAll(/\.(?!alpha|beta)(\w+)/g)].map(({ index, 1: name }) => ({
        range: { start: { line, character: index + 1 }, end: { line, character: index + 1 + name.length } },
        severity: 1,
        message: `no ${name}`,
      })),
    );
    return { kind: 'full', items };
  }
  connection.listen();
}
