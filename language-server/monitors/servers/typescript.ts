/** TypeScript and JavaScript: the native server that ships, or the older one that a trusted workspace pins. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeLaunch } from './node-launch.js';
import type { ServerPlace, ServerRow } from './server-row.js';
import { nativeTypeScript, shippedFile } from './shipped.js';
import { inLspForm } from './tsserver-diagnostics.js';

export const typescriptLanguages = ['typescript', 'typescriptreact', 'javascript', 'javascriptreact'];

/** The first version whose compiler is the native server itself. */
const FIRST_NATIVE = 7;

const javascript = ['javascript', 'javascriptreact'];

/** Errors that say no more than that a function has no end yet. */
const unfinished = ['2355', '2366', '7027', '7030'];

/** All that the parser says is a thousand and something. */
const isOfSyntax = (code = ''): boolean => /^1\d{3}$/.test(code);

/** Of another type; or of one that lacks a property, or some, or many. */
const OF_VALUES = ['2322', '2741', '2739', '2740'];
/** An attribute that there is not: its name is wrong, whatever its value. */
const NAMELESS = /Property '.*' does not exist/;
/** What takes a function is more often called than assigned to. */
const METHOD = /^[^\n]* to type '\([^'\n]*=>[^'\n]*'/;

/**
 * Too few arguments; or what cannot be called; or what has another type, and to a method nothing is assigned at all; or
 * arguments that no overload takes.
 */
const misplaced: ServerRow['misplaced'] & object = ({ code = '', message }) => {
  if (['2554', '2555', '2575'].includes(code)) return { on: 'name', about: 'lack' };
  if (['2349', '6234'].includes(code)) return { on: 'name', about: 'calling' };
  if (OF_VALUES.includes(code) && !NAMELESS.test(message))
    return { on: 'name', about: METHOD.test(message) ? 'assigning' : 'value' };
  return code === '2769' ? { on: 'name', about: 'arguments' } : undefined;
};

/** Nothing is fetched, and nothing is offered that would have to be imported first. */
const settings = {
  disableAutomaticTypeAcquisition: true,
  tsserver: { automaticTypeAcquisition: { enabled: false } },
  suggest: { autoImports: false, includeCompletionsForModuleExports: false },
  preferences: { includePackageJsonAutoImports: 'off' },
};

const native: ServerRow = {
  name: 'typescript',
  title: 'The analysis server of TypeScript',
  launch() {
    const command = nativeTypeScript();
    if (command === undefined)
      return { missing: `There is no TypeScript server for ${process.platform}-${process.arch}.` };
    const environment = { GOMEMLIMIT: '2GiB' };
    return { command, args: ['--lsp', '--stdio'], environment, workingFolder: path.dirname(command) };
  },
  initializationOptions: { disableAutomaticTypingAcquisition: true },
  configuration: (section) => (/^(js\/ts|typescript|javascript)$/.test(section) ? settings : {}),
  unfinished,
  isOfSyntax,
  misplaced,
  laxCalls: javascript,
  addsWords: javascript,
};

/** `tsserver` is the older server's program, in the workspace. */
function pinned(tsserver: string): ServerRow {
  return {
    name: 'tsserver',
    title: 'The TypeScript server of the workspace',
    launch() {
      const script = shippedFile('typescript-language-server/lib/cli.mjs');
      if (script === undefined) return { missing: 'The server for older versions of TypeScript is missing.' };
      return nodeLaunch(script, ['--stdio']);
    },
    initializationOptions: {
      disableAutomaticTypingAcquisition: true,
      tsserver: { path: tsserver, useSyntaxServer: 'never' },
      preferences: { includeCompletionsForModuleExports: false, includeCompletionsWithInsertText: true },
      maxTsServerMemory: 2048,
    },
    configuration: () => settings,
    askDiagnostics: {
      command: 'typescript.tsserverRequest',
      argumentsFor: (uri) => [
        ['semanticDiagnosticsSync', { file: uri }],
        ['syntacticDiagnosticsSync', { file: uri }],
      ],
      read: inLspForm,
    },
    unfinished,
    isOfSyntax,
    misplaced,
    laxCalls: javascript,
    addsWords: javascript,
  };
}

/** What a workspace gets: nothing of it is run unless it is trusted. */
export function typescriptRow({ root, trusted }: ServerPlace): ServerRow {
  const folder = trusted ? installedTypeScript(root) : undefined;
  return folder === undefined ? native : pinned(path.join(folder, 'lib/tsserver.js'));
}

/**
 * Folder of an older TypeScript that is installed in a workspace. Not in a folder above it: trust in a workspace says
 * nothing about those.
 */
function installedTypeScript(root: string): string | undefined {
  const home = path.join(root, 'node_modules/typescript');
  const version = versionIn(home);
  return version !== undefined && version < FIRST_NATIVE ? home : undefined;
}

function versionIn(home: string): number | undefined {
  try {
    const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as {
      version?: string;
    };
    return version === undefined ? undefined : Number.parseInt(version);
  } catch {
    return undefined;
  }
}
