/** `candor demo`: completes five real files of different kinds, showing what stood before the cursor and the cost. */
import path from 'node:path';
import type { Options } from './arguments.js';
import { openPlace, type OpenPlace, type Print } from './complete.js';
import type { PlaceCompleter } from './completer.js';
import { readable, styleFor } from './readable.js';

/** Below `docs/samples`, whose README names where each file comes from. The fifth gives way to a place of the user's. */
const samples = [
  { file: 'onlineManager.ts', line: 31, column: 44 },
  { file: 'QueryClientProvider.tsx', line: 80, column: 41 },
  { file: 'search-params.js', line: 14, column: 25 },
  { file: 'structures.py', line: 65, column: 28 },
  { file: 'flatted.go', line: 101, column: 16 },
] as const;

/** A place, and for a sample what was taken out there before the model was asked. */
export interface DemoPlace extends OpenPlace {
  readonly takenOut?: string;
}

/** @throws WrongArguments when the user's own place cannot be understood or its file not be read. */
export async function openDemo(
  root: string,
  own: string | undefined,
  options: Options,
): Promise<readonly DemoPlace[]> {
  const chosen = own === undefined ? samples : samples.slice(0, -1);
  const folder = path.relative(process.cwd(), path.join(root, 'docs/samples'));
  const places: DemoPlace[] = [];
  for (const { file, ...position } of chosen) {
    places.push(cut(await openPlace({ file: path.join(folder, file), ...position }, options)));
  }
  if (own !== undefined) places.push(await openPlace(own, options));
  return places;
}

export async function runDemo(
  places: readonly DemoPlace[],
  completer: PlaceCompleter,
  options: Options,
  print: Print,
): Promise<void> {
  const style = styleFor(process.stdout, process.env);
  for (const open of places) {
    const answer = await completer.complete(open);
    if (options.json) {
      print(`${JSON.stringify(answer)}\n`);
      continue;
    }
    print(readable(open.place, open.text, answer, style));
    print(
      open.takenOut === undefined ? '\n' : `${style.before(`The file itself says: ${open.takenOut}`)}\n\n`,
    );
  }
}

/** Takes out what stands after the cursor on its line, so that there is something to suggest. */
function cut({ place, text, languageId }: OpenPlace): DemoPlace {
  const lines = text.split('\n');
  const line = lines[place.line - 1] ?? '';
  const takenOut = line.slice(place.column - 1);
  lines[place.line - 1] = line.slice(0, place.column - 1);
  return { place, text: lines.join('\n'), languageId, takenOut };
}
