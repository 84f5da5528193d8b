/** Python: pyright, which ships. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { nodeLaunch } from './node-launch.js';
import type { ServerPlace, ServerRow } from './server-row.js';
import { shippedFile } from './shipped.js';

const analysis = {
  autoImportCompletions: false,
  autoSearchPaths: true,
  diagnosticMode: 'openFilesOnly',
  useLibraryCodeForTypes: true,
};

export const python: ServerRow = {
  name: 'pyright',
  title: 'The analysis server of Python',
  launch() {
    const script = shippedFile('pyright/langserver.index.js');
    if (script === undefined) return { missing: 'The analysis server of Python is missing.' };
    return nodeLaunch(script, ['--stdio']);
  },
  configuration(section, place) {
    if (section === 'python') {
      const pythonPath = interpreterOf(place);
      return { analysis, ...(pythonPath !== undefined && { pythonPath }) };
    }
    return section === 'python.analysis' ? analysis : {};
  },
  listsAreWhole: true,
  isOfSyntax: (code) => code === undefined,
  misplaced({ code, message }) {
    if (code === 'reportIndexIssue') return { on: 'name', about: 'indexing' };
    if (code !== 'reportCallIssue') return undefined;
    if (/^Arguments? missing/.test(message)) return { on: 'call', about: 'lack' };
    if (/^Object of type .* is not callable/.test(message)) return { on: 'call', about: 'calling' };
    return message.startsWith('No overloads') ? { on: 'call', about: 'arguments' } : undefined;
  },
};

/** Where virtual environments usually lie in a workspace. */
const environments = ['.venv', 'venv', 'env'];

/** The interpreter of the workspace's virtual environment. Pyright runs it, so the workspace must be trusted. */
function interpreterOf({ root, trusted }: ServerPlace): string | undefined {
  if (!trusted) return undefined;
  const program = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  return environments.map((name) => path.join(root, name, program)).find(existsSync);
}
