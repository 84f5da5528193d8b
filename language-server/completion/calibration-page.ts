/** The result of a calibration as a page: figures, and what they do and do not mean. */
import type { CalibrationOutcome } from './calibrate-folder.js';
import { calibrationPictures } from './calibration-picture.js';
import type { LanguageReport } from './calibration-run.js';

export function calibrationPage(
  folder: string,
  holes: number,
  { places, reports, file }: CalibrationOutcome,
): string {
  const head = `# Calibration on ${folder}\n\n`;
  if (reports.length === 0) {
    return `${head}There is no file here that a calibration could use. **Nothing is promised.**\n`;
  }
  const kept =
    file === undefined
      ? '**Nothing is promised**, and nothing was kept but the places judged so far.'
      : `Kept in \`${file}\`. It holds for this model, these settings and these grammars; after a change of any of them, calibrate again.`;
  return `${head}${places} places, one line of each function, newer files first; suggestions of one line with at most ${holes} holes.

| language | ε | δ | places | budget | wrong outside holes | text kept | held-out files: places | held-out: covered | held-out: text kept |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${reports.map(rowOf).join('\n')}

${calibrationPictures(reports)}

${kept}

What it means, where there is a budget: with probability 1 − δ over the places asked about, suggestions at places like them are wrong outside their holes at most a share ε of the time. Set \`candor.holes\` to one of the ε above; at ε without a budget nothing is offered.

- *Held-out*: a second calibration on half of the files, looked at on the other half. *Covered* is the share of places there where what stands allows what was really written, silences included.
- Places of one file are alike, which makes the bound a little too hopeful; the held-out files show by how much.
- Future code, or another project's, may be unlike these places. Nothing is promised about it.
- A place where nothing is offered cannot be wrong: read the share of text kept beside every other figure.
- In the calibration nothing stands behind the cursor on its line. The plain suggestion that lies beside one with holes, one step on, carries no promise.
- The places of a suggestion typed into are chosen by you and not by chance: they too are outside the promise.
`;
}

function rowOf({ language, promised, found, heldOut }: LanguageReport): string {
  const figures = ((): readonly string[] => {
    switch (found.kind) {
      case 'too-few-places':
        return [`${found.places}: ${found.missing} more are needed`, 'none', '–', '–'];
      case 'not-attainable':
        return [String(found.places), 'none: not attainable', '–', '–'];
      case 'budget':
        return [
          String(found.places),
          `${found.budget.toFixed(3)} nats`,
          String(found.mistakes),
          percent(found.kept),
        ];
    }
  })();
  const held = heldOut
    ? [String(heldOut.places), percent(1 - heldOut.mistakes / heldOut.places), percent(heldOut.kept)]
    : ['too few files', '–', '–'];
  return `| ${[language, promised.epsilon, promised.delta, ...figures, ...held].join(' | ')} |`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
