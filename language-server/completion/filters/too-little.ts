/** Drops what is not worth looking at: nothing, blanks, and for automatic suggestions a single character. */
import { silence } from '../silence.js';
import type { Filter } from './filter.js';

/** Cody shows two characters and more. */
const LEAST = 2;

export const dropTooLittle: Filter = (text, { mode }) => {
  const visible = text.replaceAll(/\s/g, '').length;
  if (visible === 0) return silence('blank', 'Only white space would be left of the suggestion.');
  if (mode === 'automatic' && visible < LEAST) {
    return silence('blank', `Only “${text.trim()}” would be left of the suggestion.`);
  }
  return text;
};
