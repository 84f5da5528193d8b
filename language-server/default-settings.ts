/** The settings as they are before anybody changes them: what package.json declares, and what plain clients get. */
import type { Settings } from './protocol.js';

export const defaultSettings: Settings = {
  enable: true,
  languages: { '*': true, plaintext: false, markdown: false, log: false, scminput: false },
  trigger: 'automatic',
  delayMs: 0,
  budgetMs: 500,
  maxTokens: 64,
  promptTokens: 1024,
  lines: 'auto',
  drafts: 3,
  drafting: 'branches',
  inComments: true,
  inStrings: true,
  prepareNext: true,
  readAhead: true,
  syntax: { '*': true, shellscript: false },
  backUp: 1,
  monitors: { '*': 'check' },
  analysisServers: {},
  holes: 0,
  maxHoles: 2,
  bundle: '',
  threads: 0,
  mirror: '',
};
