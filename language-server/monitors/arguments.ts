/** The arguments of a call that is being written, and whether signatures take them. */
import type { Bracket, Lexeme } from './lexical/lexeme.js';
import type { Parameter, Signature } from './questions.js';

/** What has been given so far; the argument at the place counts once it has begun. */
export interface Arguments {
  readonly positional: number;
  /** By name (Python). */
  readonly names: readonly string[];
  /** `...x`, `*x`, `**x`: nobody knows how many. */
  readonly spread: boolean;
  /** The text cannot be read as a list of arguments with certainty: type arguments, generator expressions. */
  readonly unsure: boolean;
}

/** The arguments between a bracket and `last`. */
export function argumentsUpTo(last: Lexeme | undefined, { opener }: Bracket): Arguments {
  const written = splitAtCommas(lexemesBetween(opener, last));
  const isNamed = (argument: readonly Lexeme[]): boolean =>
    argument[0]?.kind === 'word' && argument[1]?.text === '=';
  const isSpread = ([first]: readonly Lexeme[]): boolean => /^(?:\.\.\.|\*\*?)$/.test(first?.text ?? '');
  return {
    positional: written.filter((argument) => !isNamed(argument) && !isSpread(argument)).length,
    names: written.filter(isNamed).map(([name]) => name!.text),
    spread: written.some(isSpread),
    unsure: written.some((argument) => argument.some(isUnsure)),
  };
}

/** On the level of the bracket: of inner brackets, only what closes them. */
function lexemesBetween(opener: Lexeme, last: Lexeme | undefined): readonly Lexeme[] {
  const found: Lexeme[] = [];
  for (let at = last; at && at.ordinal > opener.ordinal; at = (at.opener ?? at).previous) found.push(at);
  return found.reverse();
}

function splitAtCommas(lexemes: readonly Lexeme[]): readonly (readonly Lexeme[])[] {
  const parts: Lexeme[][] = [[]];
  // The commas between the parameters of a lambda separate no arguments.
  let inLambda = false;
  for (const lexeme of lexemes) {
    if (lexeme.text === 'lambda') inLambda = true;
    if (lexeme.text === ':') inLambda = false;
    if (lexeme.text === ',' && lexeme.kind === 'sign' && !inLambda) parts.push([]);
    else parts.at(-1)!.push(lexeme);
  }
  return parts.filter((part) => part.length > 0);
}

function isUnsure(lexeme: Lexeme): boolean {
  if (lexeme.text === '<') return !lexeme.spaced;
  return lexeme.kind === 'word' && lexeme.text === 'for' && lexeme.previous?.text !== '.';
}

/** Whether the call may be closed. */
export function isEnough(signature: Signature, given: Arguments): boolean {
  if (!takes(signature, given)) return false;
  if (given.spread) return true;
  const byPosition = positionalOf(signature).slice(0, given.positional);
  return signature.parameters.every(
    (parameter) =>
      parameter.optional ||
      parameter.rest !== undefined ||
      byPosition.includes(parameter) ||
      given.names.includes(parameter.name),
  );
}

/** Whether all that is given has a parameter. */
export function takes(signature: Signature, given: Arguments): boolean {
  const tooMany = !given.spread && given.positional > mostPositional(signature);
  return !tooMany && given.names.every((name) => takesName(signature, name));
}

/** Whether one more argument may be given by position. */
export function takesAnother(signature: Signature, given: Arguments): boolean {
  if (given.names.length > 0) return false;
  return given.spread || given.positional < mostPositional(signature);
}

/** The names by which one more argument may be given; undefined when any name will do. */
export function namesLeft(signature: Signature, given: Arguments): readonly string[] | undefined {
  if (signature.parameters.some(({ rest }) => rest === 'name')) return undefined;
  const taken = new Set([
    ...given.names,
    ...positionalOf(signature)
      .slice(0, given.positional)
      .map(({ name }) => name),
  ]);
  return signature.parameters
    .filter(({ only, rest, name }) => only !== 'position' && rest === undefined && !taken.has(name))
    .map(({ name }) => name);
}

function takesName({ parameters }: Signature, name: string): boolean {
  return parameters.some(
    (parameter) => parameter.rest === 'name' || (parameter.name === name && parameter.only !== 'position'),
  );
}

function positionalOf({ parameters }: Signature): readonly Parameter[] {
  return parameters.filter(({ only, rest }) => only !== 'name' && rest === undefined);
}

function mostPositional(signature: Signature): number {
  if (signature.parameters.some(({ rest }) => rest === 'position')) return Infinity;
  return positionalOf(signature).length;
}
