/** Models of the user's own, and the thread that keeps them. */

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
