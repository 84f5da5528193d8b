/** The pipeline of the server without an editor: a model loaded once, and answers in the form of the command line. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { noAnalysis, type Analysis } from '../language-server/completion/analysis.js';
import { isMonitored } from '../language-server/completion/ask-model.js';
import type { Completions } from '../language-server/completion/complete.js';
import { settingsForHoles } from '../language-server/completion/calibration-run.js';
import { completeAt } from '../language-server/completion/complete-at.js';
import { offsetAt, positionAt, type Document } from '../language-server/completion/document.js';
import { stopLevels } from '../language-server/completion/stop-levels.js';
import { grammarsFrom } from '../language-server/completion/grammar-for.js';
import type { Engine } from '../language-server/completion/engine.js';
import type { Completion } from '../language-server/completion/present.js';
import { neighborsIn } from '../language-server/completion/read-neighbors.js';
import { WorkerWriter, type EngineState } from '../language-server/decoding/worker-writer.js';
import type { Cost, Writer } from '../language-server/decoding/write-request.js';
import { defaultSettings } from '../language-server/default-settings.js';
import { readBundle, type Bundle } from '../language-server/inference/bundle.js';
import { openAnalysis } from '../language-server/open-analysis.js';
import { modelOf, threadsFor } from '../language-server/open-engine.js';
import type { Settings } from '../language-server/protocol.js';
import { modelsFolder, resolveModel, SHIPPED } from '../models/manage/model-store.js';
import type { Options } from './arguments.js';
import type { OpenPlace } from './complete.js';
import type { CompleteJson, JsonItem, JsonPosition } from './complete-json.js';
import { chosenDevice, devicesFor } from './devices.js';
import { makeHoles, type HolesFor } from './holes.js';
import { WrongArguments } from './wrong-arguments.js';

export interface PlaceCompleter {
  /** @throws EngineFailure when the model cannot answer; the message names the thing and the remedy. */
  complete(open: OpenPlace): Promise<CompleteJson>;
  close(): Promise<void>;
}

/** The bundle that ships, below the root of the checkout or of the installed extension. */
export const shippedBundle = 'models/smollm2-135m';

/** How much chance `--seed` lets in: the usual choice for several drafts of code. */
const TEMPERATURE = 0.8;

const noCost: Cost = { promptTokens: 0, reusedTokens: 0, steps: 0, promptMs: 0, decodeMs: 0, totalMs: 0 };

/** A model that can answer, without the pipeline around it. */
export interface LoadedEngine {
  readonly engine: Extract<Engine, { kind: 'ready' }>;
  readonly bundle: Bundle;
  readonly analysis: Analysis;
  readonly close: () => Promise<void>;
}

/** A project that takes longer to read is completed without. */
const WARM_MS = 30_000;

function inTime(work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, WARM_MS);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** The folder of a file's project is its workspace, and whoever types a command trusts what it names. */
const commandLineNeeds = {
  folders: () => [],
  trusted: () => true,
  commands: () => ({}),
  documents: () => [],
  changed: () => undefined,
};

/** As `loadEngine`, with the pipeline around it. */
export async function loadCompleter(
  root: string,
  options: Options,
  progress: (what: string) => void,
): Promise<PlaceCompleter> {
  const { engine, analysis, close } = await loadEngine(root, options, progress);
  const holes =
    options.holes === undefined
      ? undefined
      : { grammars: grammarsFrom(path.join(root, 'dist/grammars')), caveat: onceFor(tell) };
  return completerOver(engine, options, close, holes, analysis);
}

/**
 * Loads the model and waits until it can answer.
 * @throws WrongArguments when the model has no such exit; BundleError, EngineFailure when it cannot be loaded.
 */
export async function loadEngine(
  root: string,
  options: Options,
  progress: (what: string) => void,
): Promise<LoadedEngine> {
  const shipped = path.join(root, shippedBundle);
  const folder = await resolveModel(options.bundle ?? SHIPPED, modelsFolder(process.env), shipped);
  const bundle = await readBundle(folder);
  const exits = bundle.exits.map((exit) => exit.layer);
  if (options.exit !== undefined && !exits.includes(options.exit)) {
    throw new WrongArguments(
      `${bundle.name} has no exit at layer ${options.exit}; it has ${exits.join(', ')}.`,
    );
  }
  const analysis = openAnalysis(commandLineNeeds);
  const devices = await devicesFor(root, bundle, options);
  const chosen = await chosenDevice(devices, options, progress, tell);
  const writer = new WorkerWriter({
    workerFile: path.join(root, 'dist/worker.mjs'),
    bundleDir: bundle.folder,
    grammarsDir: path.join(root, 'dist/grammars'),
    threads: options.threads ?? threadsFor(defaultSettings.threads),
    chosen,
    onState: (state) => {
      progress(loadingText(bundle.name, state));
    },
    answer: analysis.answer,
  });
  const { device, why } = await writer.ready();
  if (device !== chosen.plan.device) tell(why);
  const engine = {
    kind: 'ready',
    writer: asAsked(writer, options),
    model: { ...modelOf(bundle), device },
  } as const;
  const close = async () => {
    await Promise.all([writer.dispose(), analysis.stop(), devices.close()]);
  };
  return { engine, bundle, analysis, close };
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Tells each sentence once. */
function onceFor(say: (sentence: string) => void): (sentence: string) => void {
  const told = new Set<string>();
  return (sentence) => {
    if (!told.has(sentence)) say(sentence);
    told.add(sentence);
  };
}

/** Answers come from `engine`; exported so that tests can do without a model. */
export function completerOver(
  engine: Extract<Engine, { kind: 'ready' }>,
  options: Options,
  close: () => Promise<void>,
  holes?: HolesFor,
  analysis: Analysis = noAnalysis,
): PlaceCompleter {
  const settings = settingsOf(options);
  const { name, device } = engine.model;
  return {
    async complete({ place, text, languageId, folder }) {
      const file = path.resolve(place.file);
      const document: Document = { uri: file, languageId, version: 0, text };
      const offset = offsetAt(document, { line: place.line - 1, character: place.column - 1 });
      if (offset === undefined) {
        const detail = `Line ${place.line}, column ${place.column} lies outside the text or inside a character.`;
        const silence = { reason: 'no-document', detail } as const;
        return answer(document, { items: [], silence, cost: noCost, trace: [] });
      }
      // Nobody has opened the file before, so its server has not had the time that it has in an editor.
      if (isMonitored(settings, languageId))
        await inTime(analysis.warm({ ...document, uri: pathToFileURL(file).href }));
      const mode = options.automatic ? 'automatic' : 'explicit';
      const neighbors = neighborsIn([folder ?? folderOf(file)], []);
      const completions = await completeAt({
        text,
        path: file,
        languageId,
        offset,
        mode,
        settings,
        engine,
        neighbors,
      });
      if (holes === undefined) return answer(document, completions);
      const { item, silence } = await makeHoles(
        completions.items,
        document,
        options,
        { engine, neighbors },
        holes,
      );
      const items = item ? [item] : [];
      return answer(document, { ...completions, items, ...(silence && { silence }) });
    },
    close,
  };

  function answer(document: Document, completions: Answered): CompleteJson {
    const { items, silence, cost, trace } = completions;
    const json = items.map(({ text, snippet, start, end, draft }): JsonItem => ({
      text,
      ...(snippet !== undefined && { snippet }),
      range: { start: countedFromOne(document, start), end: countedFromOne(document, end) },
      logProb: draft.logProb,
      tokens: draft.tokens.map(({ text: spelled, logProb, exit, sure }) => ({
        text: spelled,
        logProb,
        exit,
        ...(sure !== undefined && { sure }),
      })),
      ending: draft.ending,
    }));
    return { items: json, silence: silence ?? null, cost, trace, bundle: name, device };
  }
}

/** Completions, of which those with holes are snippets too. */
interface Answered extends Omit<Completions, 'source' | 'items'> {
  readonly items: readonly (Completion & { readonly snippet?: string })[];
}

/** What the flags change of the settings; nobody types on, so nothing is prepared. */
export function settingsOf(options: Options): Settings {
  const settings = {
    ...defaultSettings,
    prepareNext: false,
    // Whoever names a place means it, in whatever language; the manners may still leave some out.
    ...(!options.automatic && { languages: { '*': true } }),
    ...(options.backUp !== undefined && { backUp: options.backUp }),
    ...(options.drafts !== undefined && { drafts: options.drafts }),
    ...(options.drafting !== undefined && { drafting: options.drafting }),
    ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }),
    ...(!options.speculation && { speculation: false }),
    ...(!options.syntax && { syntax: { '*': false } }),
    ...(options.rescore !== undefined && { rescore: options.rescore }),
    ...(options.monitors !== undefined && { monitors: { '*': options.monitors } }),
  };
  return options.holes === undefined ? settings : settingsForHoles(settings);
}

/** The writer with what only the command line can ask for. */
function asAsked(writer: Writer, { exit, exits, seed, stop }: Options): Writer {
  const extra = {
    ...(exits !== undefined && { exits }),
    ...(stop !== undefined && stop !== 'off' && { stop: { least: stopLevels[stop] } }),
    ...(exit !== undefined && { exit }),
    ...(seed !== undefined && { sampling: { temperature: TEMPERATURE, seed } }),
  };
  return {
    write: (request, signal, onProgress) => writer.write({ ...request, ...extra }, signal, onProgress),
  };
}

/** The folder whose files may be read as context: the current one when the file is below it, else the file's own. */
function folderOf(file: string): string {
  const current = process.cwd();
  return file.startsWith(current + path.sep) ? current : path.dirname(file);
}

function countedFromOne(document: Document, offset: number): JsonPosition {
  const { line, character } = positionAt(document, offset);
  return { line: line + 1, column: character + 1 };
}

function loadingText(name: string, state: EngineState): string {
  switch (state.kind) {
    case 'loading':
      return `Loading ${name}: ${state.what}, ${Math.round(state.fraction * 100)} %`;
    case 'ready':
      return `${name} is loaded.`;
    case 'restarting':
    case 'broken':
      return state.why;
  }
}
