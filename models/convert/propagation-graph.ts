/**
 * The graph by which rows that skip a block get keys and values there all the same: each layer's are computed from the
 * hidden state that left the network, as if no layer in between had changed it (Elbayad et al., *Depth-Adaptive
 * Transformer*, 2020, section 3.1; Schuster et al., *CALM*, 2022, section 3.1). Attention and feed-forward fall away.
 */
import type { OnnxGraph, OnnxNode } from './onnx-writer.js';
import { withoutTheUnused } from './without-unused.js';

/**
 * Made from a block as `blockGraph` makes it, over the same weights.
 * Inputs: `x` float32 [1, S, hidden]; `position_ids` int64 [1, S].
 * Output: `kv_new` [2 * layers, S, KV * D], as the block's own.
 */
export function propagationGraph(block: OnnxGraph): OnnxGraph {
  const inputs = block.inputs.filter(({ name }) => name === 'x' || name === 'position_ids');
  const outputs = block.outputs.filter(({ name }) => name === 'kv_new');
  return withoutTheUnused({ ...block, nodes: block.nodes.map(readingTheInput), inputs, outputs });
}

/** A norm of the running sum becomes one of the block's input. */
function readingTheInput(node: OnnxNode): OnnxNode {
  const operator = /^Skip((?:Simplified)?LayerNormalization)$/.exec(node.operator)?.[1];
  if (operator === undefined) return node;
  const [, , ...gainAndBias] = node.inputs;
  return {
    operator,
    domain: '',
    inputs: ['x', ...gainAndBias],
    outputs: [node.outputs[0]!],
    attributes: { axis: -1, ...node.attributes },
  };
}
