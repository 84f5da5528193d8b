/**
 * Token healing: the last characters before the cursor are taken off the prompt, and what is written must begin by
 * spelling them again. So the model may choose a token that spans the cursor.
 */
import { anything, type Constraint } from './constraint.js';

/** Allows texts that begin with `characters`, or are a beginning of them. */
export function mustSpell(characters: string): Constraint {
  if (characters === '') return anything;
  const constraint: Constraint = {
    name: 'healing',
    questions: [],
    spells: characters,
    after(text) {
      if (text.startsWith(characters)) return anything;
      return characters.startsWith(text) ? mustSpell(characters.slice(text.length)) : undefined;
    },
    mayEnd: () => false,
    closed: () => undefined,
    answered: () => constraint,
  };
  return constraint;
}
