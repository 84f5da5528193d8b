/** Runs `test/cases/analysis`: monitors over programs of which the real analysis servers know. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { openAnalysis } from '../../language-server/open-analysis.js';
import type { Answer } from '../../language-server/monitors/questions.js';
import { readCases, rewrite, updating, type Case } from '../support/case-file.js';
import { CURSOR, monitorCase, runMonitorCase } from '../support/monitor-case.js';

const defaults: Readonly<Record<string, { readonly file: string; readonly languageId: string }>> = {
  typescript: { file: 'main.ts', languageId: 'typescript' },
  python: { file: 'main.py', languageId: 'python' },
  json: { file: 'main.json', languageId: 'json' },
};

const tsconfig = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'preserve',
    types: [],
  },
};

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'analysis-')));
writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
const analysis = openAnalysis({
  folders: () => [folder],
  trusted: () => true,
  commands: () => ({}),
  documents: () => [],
  changed: () => undefined,
});
afterAll(async () => {
  await analysis.stop();
  rmSync(folder, { recursive: true, force: true });
});

for (const { file, cases } of readCases('analysis')) {
  const language = path.basename(file, '.txt');
  const outcomes: string[] = [];
  describe(language, () => {
    for (const [index, known] of cases.entries()) {
      test(known.title, { timeout: 120_000 }, async () => {
        const outcome = await run(known, defaults[language]!, path.join(folder, `${language}-${index}`));
        outcomes.push(outcome);
        if (!updating) expect(outcome).toBe(known.expected);
      });
    }
    afterAll(() => {
      if (updating) rewrite(file, outcomes);
    });
  });
}

async function run(
  known: Case,
  { file, languageId }: { readonly file: string; readonly languageId: string },
  home: string,
): Promise<string> {
  const options: Readonly<Record<string, string>> = { language: languageId, ...known.options };
  const uri = pathToFileURL(path.join(home, options.file ?? file)).href;
  mkdirSync(home, { recursive: true });
  for (const { name, text } of known.sections) {
    const [kind, other] = name.split(' ');
    if (kind === 'file') writeFileSync(path.join(home, other!), text);
    if (kind === 'program') writeFileSync(path.join(home, options.file ?? file), text.replace(CURSOR, ''));
  }
  const read = monitorCase({ ...known, options });
  const { before, after } = read;
  return runMonitorCase(read, async (question) => {
    const program = { uri, languageId: read.languageId, before, after };
    return (await analysis.answer(question, program, new AbortController().signal)) as Answer;
  });
}
