/** Everything that a user can set. */

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
  /** Whether tokens that can be guessed are read together with the one before: faster, and the text stays the same. */
  readonly speculation: boolean;
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
export type DeviceSetting = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml' | 'wasm';

/** Sent by the client when settings or trust change: the whole record. */
export const settingsNotification = 'candor/settings';
