/** Makes every line end a `\n`, and drops what no source file should hold. */
import type { Filter } from './filter.js';

/** Null characters and byte order marks inside a text come from broken training data, never from a wish. */
export const plainLineEnds: Filter = (text) =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '').replaceAll('\uFEFF', '');
