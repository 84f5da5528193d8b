/**
 * The languages with a grammar: which editor language uses which, and how its comments begin.
 *
 * Adding one is a row here, a row in grammars.json (where the build finds the `.wasm`) and a row in witnesses.json
 * (texts that can end a half-written lexeme; `npm run bench -- syntax` mines missing ones).
 */

export interface LanguageRow {
  /** The name of its grammar: `dist/grammars/NAME.wasm`, and the prefix of its figures. */
  readonly grammar: string;
  readonly lineComment: string | undefined;
  /** Whether the syntax constraint is on unless a setting says otherwise: completeness of at least 99.9 %. */
  readonly constrained: boolean;
}

/** By the language id that editors use. */
export const languages: Readonly<Record<string, LanguageRow>> = {
  typescript: { grammar: 'typescript', lineComment: '//', constrained: true },
  typescriptreact: { grammar: 'tsx', lineComment: '//', constrained: true },
  javascript: { grammar: 'javascript', lineComment: '//', constrained: true },
  javascriptreact: { grammar: 'javascript', lineComment: '//', constrained: true },
  python: { grammar: 'python', lineComment: '#', constrained: true },
  json: { grammar: 'json', lineComment: undefined, constrained: true },
  go: { grammar: 'go', lineComment: '//', constrained: true },
  java: { grammar: 'java', lineComment: '//', constrained: true },
  rust: { grammar: 'rust', lineComment: '//', constrained: true },
  csharp: { grammar: 'csharp', lineComment: '//', constrained: true },
  cpp: { grammar: 'cpp', lineComment: '//', constrained: true },
  php: { grammar: 'php', lineComment: '//', constrained: true },
  ruby: { grammar: 'ruby', lineComment: '#', constrained: true },
  shellscript: { grammar: 'bash', lineComment: '#', constrained: false },
  powershell: { grammar: 'powershell', lineComment: '#', constrained: true },
  css: { grammar: 'css', lineComment: undefined, constrained: true },
};
