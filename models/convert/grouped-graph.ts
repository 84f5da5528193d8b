/**
 * The graph of a block for graphics cards, made from the one for processors: the same weights in the same files, with
 * GroupQueryAttention in place of the two-part attention, so that keys and values can stay on the card.
 *
 * The operator's own rotation ignores `position_ids` under WebGPU, so rows are rotated before it, as they are anyway.
 */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { attentionNames } from './attention-graph.js';
import type { OnnxGraph, OnnxNode, OnnxValue } from './onnx-writer.js';
import { withoutTheUnused } from './without-unused.js';

/**
 * Layers firstLayer <= l < endLayer of `block`, as `blockGraph` makes it.
 * Inputs: `x` float32 [1, S, hidden]; `position_ids` int64 [1, S]; `attn_bias` float32 [1, 1, S, T], added to the
 * scores; `seqlens_k` int32 [1], which is T - 1, and `total_len` int32 [1], which is T; for each layer `pk{l}` and
 * `pv{l}` float32 [1, KV, P, D], of whose rows the first T - S count. The new rows follow those.
 * Outputs: `y` [1, S, hidden]; `k{l}` and `v{l}` [1, KV, max(P, T), D] with the new rows in their places.
 */
export function groupedGraph(
  block: OnnxGraph,
  { heads, keyValueHeads, headSize }: BundleArchitecture,
  firstLayer: number,
  endLayer: number,
): OnnxGraph {
  const layers = Array.from({ length: endLayer - firstLayer }, (_, index) => firstLayer + index);
  const attention = new Map(
    layers.map((layer) => [
      attentionNames(layer).output,
      groupQueryAttention(layer, heads, keyValueHeads, headSize),
    ]),
  );
  const nodes = block.nodes.map((node) => attention.get(node.outputs[0]!) ?? node);
  const rows = (name: string, length: string): OnnxValue => ({
    name,
    type: 'float32',
    dimensions: [1, keyValueHeads, length, headSize],
  });
  const given = (name: string): OnnxValue => block.inputs.find((input) => input.name === name)!;
  const inputs: OnnxValue[] = [
    given('x'),
    given('position_ids'),
    { name: 'attn_bias', type: 'float32', dimensions: [1, 1, 'S', 'T'] },
    { name: 'seqlens_k', type: 'int32', dimensions: [1] },
    { name: 'total_len', type: 'int32', dimensions: [1] },
    ...layers.flatMap((layer) => [rows(`pk${layer}`, 'P'), rows(`pv${layer}`, 'P')]),
  ];
  const outputs = [
    block.outputs.find((output) => output.name === 'y')!,
    ...layers.flatMap((layer) => [rows(`k${layer}`, 'K'), rows(`v${layer}`, 'K')]),
  ];
  return withoutTheUnused({ ...block, nodes, inputs, outputs });
}

/** Moves rows of a cache: `rows` [1, KV, P, D] and `index` int32 [N] to `moved` [1, KV, N, D]. */
export function rowsGraph({ keyValueHeads, headSize }: BundleArchitecture): OnnxGraph {
  const dimensions = (length: string) => [1, keyValueHeads, length, headSize];
  return {
    name: 'rows of a cache',
    nodes: [
      {
        operator: 'Gather',
        domain: '',
        inputs: ['rows', 'index'],
        outputs: ['moved'],
        attributes: { axis: 2 },
      },
    ],
    constants: [],
    inputs: [
      { name: 'rows', type: 'float32', dimensions: dimensions('P') },
      { name: 'index', type: 'int32', dimensions: ['N'] },
    ],
    outputs: [{ name: 'moved', type: 'float32', dimensions: dimensions('N') }],
  };
}

function groupQueryAttention(
  layer: number,
  heads: number,
  keyValueHeads: number,
  headSize: number,
): OnnxNode {
  const { query, key, value, output } = attentionNames(layer);
  const unused = ['', '', ''];
  return {
    operator: 'GroupQueryAttention',
    domain: 'com.microsoft',
    inputs: [
      ...[query, key, value, `pk${layer}`, `pv${layer}`, 'seqlens_k', 'total_len'],
      ...[...unused, 'attn_bias'],
    ],
    outputs: [output, `k${layer}`, `v${layer}`],
    attributes: {
      num_heads: heads,
      kv_num_heads: keyValueHeads,
      do_rotary: 0,
      scale: { float: headSize ** -0.5 },
    },
  };
}
