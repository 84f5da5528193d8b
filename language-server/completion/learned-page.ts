/** What was learned from use as a page: counts, the budgets that came of them, and what they do and do not mean. */
import path from 'node:path';
import { budgetInUse, hasDrifted, longRunBound, rulesFor } from '../holes/drift.js';
import type { LearnedEntry } from '../holes/drift-store.js';
import { LOOK_AFTER } from './aftermath.js';
import { driftOf, learnedName } from './learning.js';

/** `home` is where the folder's learning is kept; `current` names the model in use. */
export function learnedPage(
  folder: string,
  home: string,
  learned: readonly LearnedEntry[],
  current: string | undefined,
): string {
  const head = `# Learned from use in ${folder}\n\n`;
  if (learned.length === 0) {
    return `${head}Nothing yet. With holes on, Candor looks ${LOOK_AFTER / 60_000} minutes after a suggestion at what you wrote on that line.\n`;
  }
  return `${head}| language | ε | most holes | places | kept | changed | rejected | nothing shown | wrong, last 200 | budget now | calibrated | check |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${learned.map((entry) => rowOf(entry, current)).join('\n')}

- A place is a line for which a suggestion was made. *Kept*: accepted, or written so by hand, and all that was shown as sure still stood ${LOOK_AFTER / 60_000} minutes later or when the file was closed. *Changed*: accepted, and it did not. *Rejected*: something else was written. Lines that were left as they were, or do not parse, are not counted.
- Each place that went wrong makes the budget stricter, each other one a little looser again, never looser than calibrated: so the calibration's promise stands, for code like that which it was made on.
- Whatever happens, after T places the share that is wrong is at most ε + (ln B_max − ln B_min + η) / (ηT), with η = .1; in the long run it is ε. Nothing follows for a single suggestion, for lines that nobody wrote, or for the first few hundred.
- *Check* asks whether the last 200 places refute “wrong at most ε of the time” at the 5 % level. It is made after each place, so that now and then it cries for nothing.

Kept in \`${path.join(home, learnedName)}\`: counts alone, no code. “Candor: Forget What Was Learned From Use” deletes it.
`;
}

function rowOf(entry: LearnedEntry, current: string | undefined): string {
  const { language, epsilon, holes, judged, kept, changed, rejected, silent, calibrated, recent } = entry;
  const rules = rulesFor({ epsilon, budget: calibrated });
  const drift = driftOf(entry);
  const now = budgetInUse(drift);
  const wrong = Array.from(recent).filter((one) => one === '1').length;
  const bound = longRunBound(rules, judged);
  const check = hasDrifted(drift, rules) ? '**refuted: calibrate again**' : 'not refuted';
  return `| ${[
    current === undefined || entry.bundle === current ? language : `${language} (another model)`,
    epsilon,
    holes,
    judged,
    kept,
    changed,
    rejected,
    silent,
    `${wrong} of ${recent.length}, at most ${(100 * bound).toFixed(0)} % for certain`,
    now === 0 ? 'nothing is shown' : `${now.toFixed(3)} nats`,
    `${calibrated.toFixed(3)} nats`,
    check,
  ].join(' | ')} |`;
}
