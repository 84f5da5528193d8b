/** `candor complete`: one place, or as many as come in line by line, with the model loaded once. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { CompleteJson, ErrorJson } from './complete-json.js';
import type { PlaceCompleter } from './completer.js';
import { languageIdOf, parsePlace, parsePlaceLine, textOf, type Place } from './place.js';
import { readable, styleFor } from './readable.js';
import { WrongArguments } from './wrong-arguments.js';
import type { Options } from './arguments.js';

/** Where answers go: stdout, or a string in tests. */
export type Print = (text: string) => void;

/** A place with its text: everything that can be wrong about it is found before a model is loaded. */
export interface OpenPlace {
  readonly place: Place;
  readonly text: string;
  readonly languageId: string;
  /** Folder whose files may be read as context; else the current one, or the file's own outside of it. */
  readonly folder?: string;
}

/** @throws WrongArguments when the place cannot be understood or its file not be read. */
export async function openPlace(given: string | Place, options: Options): Promise<OpenPlace> {
  const place = typeof given === 'string' ? parsePlace(given) : given;
  const languageId = options.language ?? place.language ?? languageIdOf(place.file);
  return { place, text: await textOf(place), languageId };
}

export async function completeOne(
  open: OpenPlace,
  completer: PlaceCompleter,
  options: Options,
  print: Print,
): Promise<void> {
  const answer = await completer.complete(open);
  if (options.json) print(`${JSON.stringify(answer)}\n`);
  else print(readable(open.place, open.text, answer, styleFor(process.stdout, process.env)));
}

/** Answers each line of `input` in its order with one line of JSON. Blank lines are passed over. */
export async function completeLines(
  input: Readable,
  completer: PlaceCompleter,
  options: Options,
  print: Print,
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() !== '') print(`${JSON.stringify(await answerTo(line.trim(), completer, options))}\n`);
  }
}

/** Only what is wrong with the line becomes an answer; a broken engine ends the program. */
async function answerTo(
  line: string,
  completer: PlaceCompleter,
  options: Options,
): Promise<CompleteJson | ErrorJson> {
  const open = await openLine(line, options);
  return 'error' in open ? open : completer.complete(open);
}

async function openLine(line: string, options: Options): Promise<OpenPlace | ErrorJson> {
  try {
    return await openPlace(parsePlaceLine(line), options);
  } catch (problem) {
    if (problem instanceof WrongArguments) return { error: problem.message };
    throw problem;
  }
}
