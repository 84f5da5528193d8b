/** The matrices of a model: all that is large in it. */
import type { ModelSource, TensorShape } from './model-source.js';

export const TABLE = 'token_embd.weight';
/** A matrix of the head's own, where it is not the embedding. */
export const HEAD = 'output.weight';
const IN_LAYER = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'];

export interface NamedShape extends TensorShape {
  readonly name: string;
}

/** Whether the head multiplies by the embedding, so that both need one file. */
export function isTied(source: ModelSource): boolean {
  return source.shape(HEAD) === undefined;
}

/** All matrices that are converted. */
export function matricesOf(source: ModelSource): readonly NamedShape[] {
  const names = [TABLE, ...(isTied(source) ? [] : [HEAD])];
  for (let layer = 0; layer < source.architecture.layers; layer++)
    names.push(...IN_LAYER.map((name) => `blk.${layer}.${name}.weight`));
  return names.flatMap((name) => {
    const shape = source.shape(name);
    return shape === undefined ? [] : { name, rows: shape.rows, columns: shape.columns, type: shape.type };
  });
}

/** Numbers that a conversion reads, for telling how far it is. */
export function valuesIn(source: ModelSource): number {
  return matricesOf(source).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}
