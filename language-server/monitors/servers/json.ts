/** JSON: the service behind the VS Code JSON server, in a process of its own; schemas come from this machine alone. */
import { nodeLaunch } from './node-launch.js';
import type { ServerRow } from './server-row.js';
import { jsonServer } from './shipped.js';

export const jsonLanguages = ['json', 'jsonc'];

export const json: ServerRow = {
  name: 'json',
  title: 'The analysis server of JSON',
  launch() {
    const script = jsonServer();
    if (script === undefined) return { missing: 'The analysis server of JSON is not built.' };
    return nodeLaunch(script, ['--stdio']);
  },
  configuration: () => ({}),
};
