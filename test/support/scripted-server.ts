/** The server process with a scripted writer in the engine's place: `--script=` names a JSON file of rules. */
import { readFileSync } from 'node:fs';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { noAnalysis } from '../../language-server/completion/analysis.js';
import { startServer } from '../../language-server/lsp/server.js';
import { engineOf, scriptedWriter, type Rule } from './scripted-writer.js';

interface Script {
  readonly rules: readonly Rule[];
  /** Milliseconds for each piece of three characters. */
  readonly stepMs: number;
}

const name = process.argv.find((word) => word.startsWith('--script='))!.slice('--script='.length);
const { rules, stepMs } = JSON.parse(readFileSync(name, 'utf8')) as Script;

const connection = createConnection(ProposedFeatures.all);
startServer(connection, {
  openAnalysis: () => ({
    ...noAnalysis,
    ahead({ before }) {
      connection.console.log(`asked ahead after ${before}`);
    },
    changed({ text }) {
      connection.console.log(`analysis hears of ${text}`);
    },
  }),
  openEngine: (options, report) => {
    if (options.bundle.includes('missing')) {
      report({
        kind: 'unavailable',
        problem: `There is no bundle in ${options.bundle}.`,
        remedy: 'Choose another.',
      });
    } else {
      const writer = scriptedWriter(rules, () => new Promise((resolve) => setTimeout(resolve, stepMs)));
      report(engineOf(writer));
    }
    return { failed: () => undefined, close: () => Promise.resolve() };
  },
  defaultBundle: '/bundles/default',
  grammars: '/grammars',
});
