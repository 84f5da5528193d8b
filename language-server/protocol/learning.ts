/** What is calibrated on the user's code and learnt from use. */

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
