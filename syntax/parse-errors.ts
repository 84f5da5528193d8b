/** How broken a whole text is, by tree-sitter's own recovery. */
import type { Node } from './grammar-runtime.js';
import type { ParsedText } from './parsed-text.js';

/** Errors, outermost ones only, or nodes that are missing anywhere: whichever are more. */
export function parseErrors({ tree }: ParsedText): number {
  const { outermost, missing } = counted(tree.rootNode);
  return Math.max(outermost, missing);
}

/** Looks only where there is an error. */
function counted(node: Node): { readonly outermost: number; readonly missing: number } {
  if (node.isMissing) return { outermost: 1, missing: 1 };
  if (!node.hasError) return { outermost: 0, missing: 0 };
  let [outermost, missing] = [0, 0];
  for (const child of node.children) {
    const below = counted(child);
    outermost += below.outermost;
    missing += below.missing;
  }
  return { outermost: node.isError ? 1 : outermost, missing };
}
