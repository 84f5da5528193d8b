/** Which analysis server knows a language. */
import { json, jsonLanguages } from './json.js';
import { commandRow, onPath, presets } from './presets.js';
import { python } from './python.js';
import type { ServerPlace, ServerRow } from './server-row.js';
import { typescriptLanguages, typescriptRow } from './typescript.js';

/** Language id to command; an empty command: none. From the user's own settings, never from a workspace's. */
export type ServerCommands = Readonly<Record<string, readonly string[]>>;

/** Undefined when no server is known, or the one that is known is not installed. */
export function serverFor(
  languageId: string,
  place: ServerPlace,
  commands: ServerCommands,
): ServerRow | undefined {
  const command = commands[languageId];
  if (command) return command.length === 0 ? undefined : commandRow(command);
  if (typescriptLanguages.includes(languageId)) return typescriptRow(place);
  if (languageId === 'python') return python;
  if (jsonLanguages.includes(languageId)) return json;
  const preset = presets[languageId];
  return preset && onPath(preset[0]!) !== undefined ? commandRow(preset) : undefined;
}
