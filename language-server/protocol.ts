/** What the extension and the server say to each other beyond LSP: settings, state, explanations. */

export const stopNames = ['off', 'cautious', 'balanced', 'eager'] as const;
export const exitsNames = ['auto', 'full', 'early', 'early-propagated'] as const;

/** When suggestions are rescored: never, where they are asked for, or also while the user types. */
export const rescoreNames = ['off', 'explicit', 'always'] as const;

/** Everything a user can set, complete: defaults live in package.json and a test compares the two. */
export interface Settings {
  /** Whether completions are offered at all. */
  readonly enable: boolean;
  /** Language id to switch; `*` stands for all others. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** `automatic`: while typing. `manual`: only when triggered by a command. */
  readonly trigger: 'automatic' | 'manual';
  /** Milliseconds to wait after a keystroke; 0 adapts to typing speed and to how fast the model answers. */
  readonly delayMs: number;
  /** Milliseconds of decoding after which an automatic suggestion ends with what it has. */
  readonly budgetMs: number;
  /** Most tokens of one suggestion. */
  readonly maxTokens: number;
  /** Most tokens of the prompt. */
  readonly promptTokens: number;
  /** `auto`: by syntax; or always one line. */
  readonly lines: 'auto' | 'single';
  /** Most suggestions when asked for explicitly. */
  readonly drafts: number;
  /** How several suggestions are written side by side. */
  readonly drafting: DraftingName;
  readonly inComments: boolean;
  readonly inStrings: boolean;
  /** Whether the suggestion that would follow an accept is prepared while the first one is shown. */
  readonly prepareNext: boolean;
  /** Whether the model reads the text around a resting cursor before anything is asked for. */
  readonly readAhead: boolean;
  /** Whether only text that parses is offered, per language id; `*` stands for all others. */
  readonly syntax: Readonly<Record<string, boolean>>;
  /** How readily a suggestion goes back from where constraints leave little of what is likely; 0: only where nothing is left. */
  readonly backUp: number;
  /** When analysis servers are asked which names exist, per language id; `*` stands for all others. */
  readonly monitors: Readonly<Record<string, 'check' | 'always' | 'off'>>;
  /** Language id to the command that starts its analysis server, in place of the known one; empty: none. */
  readonly analysisServers: Readonly<Record<string, readonly string[]>>;
  /** Holes where the model is not sure: the share of suggestions that may be wrong outside them; 0: no holes. */
  readonly holes: number;
  /** Most holes of a suggestion. */
  readonly maxHoles: number;
  /** When a suggestion stops because it may well not be what the user would write; stops the most: `eager`. */
  readonly stop: (typeof stopNames)[number];
  /** When suggestions are judged once more by how well the text after the cursor follows; only for models that never see it. */
  readonly rescore: (typeof rescoreNames)[number];
  /**
   * `auto`: as the bundle recommends; `full`: every token runs through the whole network; `early`: easy ones do not;
   * `early-propagated`: nor are the layers that they skip filled in later.
   */
  readonly exits: (typeof exitsNames)[number];
  /** Device to the deepest layer that runs there, one of the exits of the bundle; others run them all. */
  readonly depthCaps: Readonly<Record<string, number>>;
  /** Folder of another model bundle; empty: the one that ships. Ignored in untrusted workspaces. */
  readonly bundle: string;
  /** Where the model runs; `auto` tries the graphics adapter and takes it where that is faster. */
  readonly device: DeviceSetting;
  /** Minutes without a request after which the model is unloaded; 0: never. */
  readonly unloadMinutes: number;
  /** Threads for the model; 0: half the cores, at least one. */
  readonly threads: number;
  /** Where models are fetched from instead of https://huggingface.co; empty: there. Ignored in untrusted workspaces. */
  readonly mirror: string;
}

/**
 * Ways of writing several suggestions: branches at the first uncertain tokens, or at the first token; superposed
 * decoding; diverse beam search; samples from the nucleus.
 */
export const draftingNames = ['branches', 'superposed', 'beams', 'nucleus', 'first-token'] as const;
export type DraftingName = (typeof draftingNames)[number];

/** By ONNX Runtime's names of its execution providers. */
export type DeviceSetting = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** Client to server: try all devices and tell about them. Takes minutes; answers with `DeviceReport`. */
export const deviceReportRequest = 'candor/deviceReport';
export interface DeviceReport {
  /** The whole report, for a page. */
  readonly markdown: string;
}

/** Sent by the server whenever its state changes. */
export const stateNotification = 'candor/state';

interface Ready {
  readonly model: string;
  readonly device: string;
  /** Why it runs there: a sentence or two. */
  readonly why?: string;
  /** What goes without, and why, in sentences: names that nobody checks. Absent when all is well. */
  readonly limits?: string;
}

export type ServerState =
  | { readonly kind: 'loading'; readonly what: string; readonly fraction: number }
  | ({ readonly kind: 'ready' } & Ready)
  /** Ready, but the last request was answered with nothing. */
  | ({ readonly kind: 'quiet'; readonly reason: SilenceReason; readonly detail: string } & Ready)
  | ({ readonly kind: 'busy' } & Ready)
  | { readonly kind: 'unavailable'; readonly problem: string; readonly remedy: string };

/** Sent by the client when settings or trust change: the whole record. */
export const settingsNotification = 'candor/settings';

/** Client to server: the item with this id was accepted (from the item's command). */
export const acceptedNotification = 'candor/accepted';
export interface Accepted {
  readonly item: string;
}

/** Client to server: the cursor rests here, so the next request may come from here. */
export const cursorNotification = 'candor/cursor';
export interface Cursor {
  readonly uri: string;
  /** From 0, like the character, which counts in the units agreed on for all positions. */
  readonly line: number;
  readonly character: number;
}

/** The command the item runs after insertion; the client forwards it as `acceptedNotification`. */
export const acceptCommand = 'candor.accepted';

/** Client to server: why was there no suggestion? Answers with `Explanation`. */
export const explainRequest = 'candor/explain';
export interface Explanation {
  /** One paragraph for the user about the last request. */
  readonly text: string;
  /** Its trace lines. */
  readonly trace: readonly string[];
}

/** Client to server: the suggestions for a place, to choose from. Can be cancelled; answers with `OfferedDrafts`. */
export const draftsRequest = 'candor/drafts';
export interface DraftsWanted {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}
export interface OfferedDrafts {
  /** The best first. */
  readonly drafts: readonly OfferedDraft[];
  /** A sentence where there are none. */
  readonly why?: string;
}
export interface OfferedDraft {
  readonly id: string;
  /** What is shown, before any hole is filled. */
  readonly text: string;
  /** In the editor's notation, where there are holes. */
  readonly snippet?: string;
  /** The text of the document that it replaces. */
  readonly start: PlaceInDocument;
  readonly end: PlaceInDocument;
  /** Of the whole text under the unconstrained model. */
  readonly probability: number;
  readonly tokens: number;
  readonly holes: number;
}
export interface PlaceInDocument {
  readonly line: number;
  readonly character: number;
}

/** Client to server: how did the last suggestion come to be? Answers with `SuggestionExplanation`, or null. */
export const explainSuggestionRequest = 'candor/explainSuggestion';
export interface SuggestionExplanation {
  readonly text: string;
  /** All tokens of the draft; those that only spell what stood before the cursor have no text. */
  readonly tokens: readonly ExplainedToken[];
  /** Layers of the network. */
  readonly layers: number;
  /** Why it ended, as in docs/cli.md. */
  readonly ending: string;
  readonly notes: readonly string[];
}
export interface ExplainedToken {
  readonly text: string;
  /** Under the unconstrained model. */
  readonly probability: number;
  /** Layers that had run when it was spoken. */
  readonly exit: number;
  /** The chance that all up to here is what the user would write, where that was asked for. */
  readonly sure?: number;
  /** What constraints refused in its place, with the probability of it. */
  readonly refused: readonly { readonly token: string; readonly by: string; readonly probability: number }[];
}

/** Client to server: what has been learnt from suggestions on this machine; or, with `forget`, forget it. */
export const stopStatisticsRequest = 'candor/stopStatistics';
export interface AskStopStatistics {
  readonly forget: boolean;
}
export interface StopStatistics {
  /** A paragraph for the user. */
  readonly text: string;
}

/** Client to server: calibrate on a folder of the workspace. Can be cancelled; answers with `CalibrationReport`. */
export const calibrateRequest = 'candor/calibrate';
export interface Calibrate {
  /** The folder's URI. */
  readonly folder: string;
}
export interface CalibrationReport {
  /** The whole report, for a page. */
  readonly markdown: string;
}

/** Sent by the server while it calibrates, once for each place. */
export const calibrationNotification = 'candor/calibration';
export interface CalibrationProgress {
  readonly places: number;
  /** No more places than this are asked about. */
  readonly most: number;
  /** Relative to the folder. */
  readonly file: string;
}

/** Client to server: what was learned from use in the workspace's folders. Answers with `Learned`. */
export const learnedRequest = 'candor/learned';
export interface AskForLearned {
  /** Whether it is deleted first. */
  readonly forget: boolean;
}
export interface Learned {
  /** For a page. */
  readonly markdown: string;
}

/** Client to server: the models on this machine. Answers with `ModelList`. */
export const modelsRequest = 'candor/models';
export interface ModelList {
  /** The one that ships first. */
  readonly models: readonly ModelEntry[];
  /** Names of models whose conversion was stopped and can go on. */
  readonly unfinished: readonly string[];
}
export interface ModelEntry {
  readonly name: string;
  readonly folder: string;
  readonly isShipped: boolean;
  readonly title: string;
  /** Size, format, speed on this machine, licence, exits and fill-in tokens. */
  readonly details: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** Client to server: convert a model. Can be cancelled, and then goes on when asked again; answers with `ModelAdded`. */
export const addModelRequest = 'candor/addModel';
export interface ModelToAdd {
  /** A GGUF file, the folder of a checkpoint, or the address of a GGUF file. */
  readonly from: string;
  /** For addresses: through which proxy; else as the environment says. */
  readonly proxy?: string;
}
export interface ModelAdded {
  readonly name: string;
  readonly folder: string;
  /** What became of its tensors, and what it fills in with. */
  readonly summary: string;
  readonly fillInTheMiddle: readonly [prefix: string, suffix: string, middle: string] | null;
}

/** Sent by the server while a model is added. */
export const addModelNotification = 'candor/addModelProgress';
export interface AddModelProgress {
  /** From 0 to 1, of the phase at hand. */
  readonly share: number;
  readonly text: string;
}

/** Client to server: remove a model of the user's. */
export const removeModelRequest = 'candor/removeModel';
export interface ModelToRemove {
  readonly name: string;
}

/** Client to server: correct the tokens by which a model fills in. */
export const fillInRequest = 'candor/fillIn';
export interface FillInTokens {
  readonly folder: string;
  readonly tokens: readonly [prefix: string, suffix: string, middle: string] | null;
}

/**
 * Client to server: calibrate early exit of a model of the user's on a folder of the workspace. Can be cancelled;
 * progress comes as that of adding. Answers with `ExitsCalibrated`.
 */
export const calibrateExitsRequest = 'candor/calibrateExits';
export interface ExitsToCalibrate {
  /** The model's name. */
  readonly name: string;
  /** URI of the folder whose code is read. */
  readonly folder: string;
}
export interface ExitsCalibrated {
  /** What was found, as a paragraph. */
  readonly summary: string;
}

/** What the server asks of the thread that keeps the models, and what it hears. */
export type ToModels =
  | {
      readonly id: number;
      readonly kind: 'list';
      /** Folder of the bundle that ships. */ readonly shipped: string;
    }
  | ({ readonly id: number; readonly kind: 'add'; readonly mirror?: string } & ModelToAdd)
  | ({ readonly id: number; readonly kind: 'remove' } & ModelToRemove)
  | ({ readonly id: number; readonly kind: 'fill-in' } & FillInTokens)
  | {
      readonly id: number;
      readonly kind: 'calibrate-exits';
      readonly name: string;
      /** Source files. */ readonly files: readonly string[];
    }
  | { readonly id: number; readonly kind: 'cancel' };
export type FromModels =
  | ({ readonly id: number; readonly kind: 'progress' } & AddModelProgress)
  | { readonly id: number; readonly kind: 'done'; readonly result: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };

/** Passed in `initializationOptions`. */
export interface InitializationOptions {
  readonly settings: Settings;
  readonly trusted: boolean;
  /** Absolute folder of the bundle that ships. */
  readonly defaultBundle: string;
  /** Absolute folder of the grammars that ship. */
  readonly grammars: string;
  /** Absolute folder in which what is found out about the workspace is kept on this machine. */
  readonly storage?: string;
}

/** Why nothing is offered: a closed list. */
export type SilenceReason =
  | 'off' // completions are switched off
  | 'language-off' // ... for this language
  | 'manual' // the trigger is manual and nobody asked
  | 'loading' // the model is not loaded yet
  | 'unavailable' // the model cannot be loaded
  | 'cancelled' // the text changed, or a newer request came
  | 'no-document' // the document is not open, or the position lies outside it
  | 'too-large' // the file, or the line, is too long to be worth it
  | 'binary' // the file is not text
  | 'empty' // nothing stands before the cursor
  | 'mid-word' // a word continues right after the cursor
  | 'text-after' // too much text stands after the cursor on its line
  | 'in-comment'
  | 'in-string'
  | 'selection-mismatch' // no suggestion begins with the highlighted entry of the suggest widget
  | 'just-accepted' // a one-line suggestion was accepted right here
  | 'backing-off' // several suggestions in a row were rejected
  | 'snippet' // placeholders of an accepted suggestion are being filled
  | 'ended-at-once' // the model would end the text here
  | 'dead-end' // no allowed token was left
  | 'repeats' // it would repeat what stands around the cursor, or itself
  | 'unsure' // nothing of the suggestion is sure enough to be shown, or to be promised
  | 'blank' // only white space, or too little, would be left
  | 'no-time' // the budget of time ran out before anything was complete
  | 'unfinished' // nothing was complete when the suggestion had its greatest length
  | 'prompt-too-long';
