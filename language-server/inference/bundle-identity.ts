/** Names a model by what it writes, so that promises made for one are not kept for another. */
import { createHash } from 'node:crypto';
import type { BundleDescription } from './bundle.js';

/** Names the model by its contents: equal for bundles that write alike, whatever folders they lie in. */
export function identityOf(description: BundleDescription): string {
  const { name, propagation, drafter, files, ...what } = description;
  // Where it lies and comes from, and what may be promised, changes nothing of what is written; nor does what a setting
  // asks for, which counts by itself, or what is only read ahead.
  const aside = { folder: undefined, licence: undefined, provenance: undefined, calibration: undefined };
  const counting = files.filter(({ file }) => propagation?.includes(file) !== true && file !== drafter?.file);
  const contents = { ...what, files: counting, ...aside };
  return `${name} ${createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 16)}`;
}
