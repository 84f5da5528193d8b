/** Converts one file in a process of its own, for its time and its peak memory: `… FILE FOLDER FORMAT`, answers in JSON. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readReport } from '../../../models/convert/conversion-report.js';
import { promptOf } from '../../../models/convert/prompt-format.js';
import { isWeightFormat } from '../../../models/convert/weight-formats.js';
import { writeBundle } from '../../../models/convert/write-bundle.js';
import { openSource } from '../../../models/manage/open-source.js';

export interface Converted {
  readonly seconds: number;
  readonly megabytes: number;
  readonly peakMegabytes: number;
  readonly exact: number;
  readonly requantised: number;
}

const [file, folder, format] = process.argv.slice(2);
if (file === undefined || folder === undefined || format === undefined || !isWeightFormat(format))
  throw new Error('Usage: convert-once.ts FILE FOLDER FORMAT');
const start = performance.now();
{
  await using source = await openSource(file, {});
  const { layers } = source.architecture;
  const exits = [...new Set([1, 2, 3, 4, 5].map((part) => Math.round((part * layers) / 5)))].filter(Boolean);
  await writeBundle(source, folder, {
    weights: format,
    exits,
    prompt: promptOf(source.vocabulary),
    report: true,
  });
}
const seconds = (performance.now() - start) / 1000;
const { exactTensors, requantisedTensors } = readReport(
  readFileSync(path.join(folder, 'conversion.json'), 'utf8'),
);
const converted: Converted = {
  seconds,
  megabytes: statSync(file).size / 1e6,
  // Linux and Windows count kilobytes here.
  peakMegabytes: process.resourceUsage().maxRSS / 1000,
  exact: exactTensors,
  requantised: requantisedTensors,
};
console.log(JSON.stringify(converted));
