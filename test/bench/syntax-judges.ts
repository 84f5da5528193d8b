/** The questions about syntax that tests and benchmarks ask alike, and tree-sitter's own answers to hold them against. */
import { isCompleteFile } from '../../syntax/complete-file.js';
import type { Node } from '../../syntax/grammar-runtime.js';
import { isReadable, openPrefix, type OpenedPrefix } from '../../syntax/open-prefix.js';
import { extend } from '../../syntax/prefix.js';
import { parseText } from '../../syntax/parsed-text.js';
import type { SyntaxLanguage } from '../../syntax/syntax-language.js';
import { integerBelow, pick, type Random } from './random.js';

/** Whether tree-sitter itself finds an error; a missing line end, a hidden node, does not count in its `hasError`. */
export function hasError(language: SyntaxLanguage, text: string): boolean {
  using parsed = parseText(language, text);
  const { rootNode } = parsed.tree;
  return rootNode.hasError || rootNode.toString().includes('(MISSING ');
}

/** Errors and missing nodes, outermost only: what a new error is counted by. */
export function countErrors(language: SyntaxLanguage, text: string): number {
  using parsed = parseText(language, text);
  const { rootNode } = parsed.tree;
  return Math.max(countBelow(rootNode), rootNode.toString().split('(MISSING ').length - 1);
}

function countBelow(node: Node): number {
  if (node.isError || node.isMissing) return 1;
  if (!node.hasError) return 0;
  return node.children.reduce((sum, child) => sum + countBelow(child), 0);
}

/** Whether the recogniser and tree-sitter say the same about a whole file. */
export function agrees(language: SyntaxLanguage, text: string): boolean {
  return isCompleteFile(language, text) !== hasError(language, text);
}

const PUT_IN = Array.from('()[]{};:,"\'`=+ \n');

/** One character deleted, or a bracket, quote or operator put in. */
export function mutant(text: string, random: Random): string {
  const at = integerBelow(text.length, random);
  if (random() < 0.5) return text.slice(0, at) + text.slice(at + 1);
  return text.slice(0, at) + pick(PUT_IN, random)! + text.slice(at);
}

/** One reading of a growing document, as an editor session has it. */
export interface Reading {
  /** Whether the text up to `cut` is accepted, its last `piece` units written by a model and the rest typed. */
  acceptsUpTo(cut: number, piece: number): boolean;
}

export function readingOf(language: SyntaxLanguage, text: string): Reading {
  let previous: OpenedPrefix | undefined;
  return {
    acceptsUpTo(cut, piece) {
      const typed = wholePoints(text.slice(0, Math.max(0, cut - piece)));
      const opened = openPrefix(language, typed, previous);
      if (!isReadable(opened) || opened.prefix.repairs > 0) return false;
      previous = opened;
      return extend(opened.prefix, wholePoints(text.slice(0, cut)).slice(typed.length)) !== undefined;
    },
  };
}

/** The text without half a surrogate pair at its end. */
function wholePoints(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

/** A cut with what stands on either side, to read in a failure. */
export function showCut(text: string, cut: number): string {
  return `${JSON.stringify(text.slice(Math.max(0, cut - 40), cut))} | ${JSON.stringify(text.slice(cut, cut + 15))}`;
}
