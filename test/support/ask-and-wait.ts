/** A process that asks an analysis server and then only waits: `node --import tsx ask-and-wait.ts PIDS`. */
import { AnalysisServers } from '../../language-server/monitors/servers/analysis-servers.js';
import { faultyRow, hurried } from './analysis-of.js';

const servers = new AnalysisServers({
  folders: () => [],
  trusted: () => true,
  commands: () => ({}),
  documents: () => [],
  serverFor: () => faultyRow('none', process.argv[2] ?? ''),
  patience: hurried,
});
void servers.warm({ uri: 'file:///a.ts', languageId: 'typescript', text: '' });
setInterval(() => undefined, 1_000);
