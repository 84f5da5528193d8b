/** The server process: over stdio, or whatever channel the command line names (`--node-ipc`, `--socket=…`, `--pipe=…`). */
import { fileURLToPath } from 'node:url';
import { createConnection, ProposedFeatures, type Connection } from 'vscode-languageserver/node';
import { startServer } from './lsp/server.js';
import { openAnalysis } from './open-analysis.js';
import { keepModels } from './model-keeper.js';
import { openEngine } from './open-engine.js';

// As built, the worker and the grammars lie beside this file, and the bundle that ships beside its folder.
const workerFile = new URL('./worker.mjs', import.meta.url);
const modelsFile = new URL('./models.mjs', import.meta.url);
const grammars = fileURLToPath(new URL('./grammars', import.meta.url));
const defaultBundle = fileURLToPath(new URL('../models/smollm2-135m', import.meta.url));

function connect(): Connection {
  const channel = process.argv.some((word) =>
    /^--(?:stdio|node-ipc|socket|pipe|clientProcessId)\b/.test(word),
  );
  if (channel) return createConnection(ProposedFeatures.all);
  return createConnection(ProposedFeatures.all, process.stdin, process.stdout);
}

startServer(connect(), {
  openEngine: (options, report, answer) => openEngine(options, workerFile, report, answer),
  openAnalysis,
  defaultBundle,
  grammars,
  models: keepModels(modelsFile),
});
