/** Drops blanks and empty lines at the end of a draft. */
import type { Filter } from './filter.js';

export const dropTrailingSpace: Filter = (text) => text.trimEnd();
