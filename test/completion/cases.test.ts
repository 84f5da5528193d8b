/** Runs `test/cases/completion`: a program with a cursor, what the model says, what must be offered. */
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { completeAt } from '../../language-server/completion/complete-at.js';
import type { Completions } from '../../language-server/completion/complete.js';
import { defaultSettings } from '../../language-server/default-settings.js';
import { readCases, rewrite, updating, type Case } from '../support/case-file.js';
import { engineOf, scriptedWriter } from '../support/scripted-writer.js';

const CURSOR = '▮';

for (const { file, cases } of readCases('completion')) {
  const outcomes: string[] = [];
  describe(path.basename(file, '.txt'), () => {
    for (const known of cases) {
      test(known.title, async () => {
        const outcome = await run(known);
        outcomes.push(outcome);
        if (!updating) expect(outcome).toBe(known.expected);
      });
    }
    afterAll(() => {
      if (updating) rewrite(file, outcomes);
    });
  });
}

async function run({ options, sections }: Case): Promise<string> {
  const given = sections.find(({ name }) => name === 'program')!.text;
  const program = options['line ends'] === 'crlf' ? given.replaceAll('\n', '\r\n') : given;
  const offset = program.indexOf(CURSOR);
  const text = program.replace(CURSOR, '');
  const drafts = sections.filter(({ name }) => name === 'model').map(({ text: draft }) => unescaped(draft));
  const settings = { ...defaultSettings, ...(options.settings ? JSON.parse(options.settings) : {}) };
  const completions = await completeAt({
    text,
    path: `/project/${options.file ?? 'example.ts'}`,
    languageId: options.language ?? 'typescript',
    offset,
    mode: options.mode === 'explicit' ? 'explicit' : 'automatic',
    settings,
    engine: engineOf(scriptedWriter([{ after: '', drafts }])),
  });
  return show(completions, text, offset);
}

/** The cursor's line once an item is accepted: ⟦inserted⟧⟨replaced⟩. */
function show({ items, silence }: Completions, text: string, offset: number): string {
  if (silence) return `silence: ${silence.reason}\n${silence.detail}`;
  return items
    .map((item) => {
      const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, item.start);
      const [after] = text.slice(item.end).split(/\r?\n/) as [string];
      const replaced = item.start === item.end ? '' : `⟨${text.slice(item.start, item.end)}⟩`;
      return visible(`${before}⟦${item.text}⟧${replaced}${after}`);
    })
    .join('\n--\n');
}

function visible(text: string): string {
  return text
    .replaceAll('\r', '␍')
    .replaceAll('\t', '⇥')
    .replace(/ +$/gm, (blanks) => '·'.repeat(blanks.length));
}

/** What a text file cannot show: trailing blanks as `·`, tabs as `⇥`, carriage returns as `␍`, null as `␀`. */
function unescaped(text: string): string {
  return text.replaceAll('·', ' ').replaceAll('⇥', '\t').replaceAll('␍', '\r').replaceAll('␀', '\0');
}
