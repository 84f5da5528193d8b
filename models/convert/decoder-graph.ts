/**
 * The graph of one block: a run of decoder layers as in Llama, in its kin that add biases or norms of heads, and as in
 * StarCoder2, whose norms subtract the mean and whose feed-forward has no gate.
 */
import { attend, shareAttention, type AttentionShared, type HeadNorms } from './attention-graph.js';
import type { DataFile, Place } from './data-file.js';
import { dequantise } from './dequantise.js';
import { bytesOf, createGraph, type GraphBuilder, type ValueName } from './graph-builder.js';
import type { Listener } from './matrix-pieces.js';
import { matrixProduct } from './matrix-product.js';
import type { ModelSource } from './model-source.js';
import type { OnnxGraph } from './onnx-writer.js';
import type { WeightFormat } from './weight-formats.js';

/** Where the tables of cosines and sines lie, [context, headSize / 2] float32 each. */
export interface RotaryPlaces {
  readonly cosines: Place;
  readonly sines: Place;
}

/**
 * Layers firstLayer <= l < endLayer.
 * Inputs: `x` float32 [1, S, hidden]; `position_ids` int64 [1, S]; `attn_bias` float32 [1, 1, S, P + T], added to the
 * scores; `pk{l}` and `pv{l}` float32 [1, KV, P, D] for each layer; `recent` float32 [2 * layers, KV, R, D] and
 * `recent_at` int64 [1], the tile around the new rows. Its rows from `recent_at` on are left out, S of them, as the new
 * ones stand there: T = max(R, recent_at + S), and R = 0 makes a tile of nothing but new rows.
 * Outputs: `y` [1, S, hidden]; `kv_new` [2 * layers, S, KV * D], keys (rotated) before values, layer after layer.
 */
export async function blockGraph(
  source: ModelSource,
  firstLayer: number,
  endLayer: number,
  format: WeightFormat,
  files: { data: DataFile; rotary: RotaryPlaces },
  listener: Listener,
): Promise<OnnxGraph> {
  const { architecture } = source;
  const { hidden, keyValueHeads, headSize, context } = architecture;
  const graph = createGraph(`layers ${firstLayer} to ${endLayer - 1}`, files.data);
  const products = { graph, data: files.data, source, format, listener };
  const x = graph.input({ name: 'x', type: 'float32', dimensions: [1, 'S', hidden] });
  const positions = graph.input({ name: 'position_ids', type: 'int64', dimensions: [1, 'S'] });
  const mask = graph.input({ name: 'attn_bias', type: 'float32', dimensions: [1, 1, 'S', 'P+S'] });
  const past = (name: string): ValueName =>
    graph.input({ name, type: 'float32', dimensions: [1, keyValueHeads, 'P', headSize] });
  const recent = graph.input({
    name: 'recent',
    type: 'float32',
    dimensions: [2 * (endLayer - firstLayer), keyValueHeads, 'R', headSize],
  });
  const recentAt = graph.input({ name: 'recent_at', type: 'int64', dimensions: [1] });
  const table = (name: string, place: Place): ValueName =>
    graph.constant(name, 'float32', [context, headSize / 2], place);

  let residual = x;
  let change: ValueName | undefined;
  let shared: AttentionShared | undefined;
  const rows: ValueName[] = [];
  for (let layer = firstLayer; layer < endLayer; layer++) {
    const key = past(`pk${layer}`);
    const value = past(`pv${layer}`);
    shared ??= shareAttention(
      graph,
      architecture,
      {
        x,
        positions,
        mask,
        anyPast: key,
        cosines: table('cosines', files.rotary.cosines),
        sines: table('sines', files.rotary.sines),
        recent,
        recentAt,
      },
      endLayer - firstLayer,
    );
    const before = await normalise(graph, source, residual, change, `blk.${layer}.attn_norm`);
    const projected = await project(before.normal, layer, ['attn_q', 'attn_k', 'attn_v']);
    const index = 2 * (layer - firstLayer);
    const tile = { key: shared.recent[index]!, value: shared.recent[index + 1]! };
    const norms = await headNorms(layer);
    const attended = attend(graph, architecture, shared, layer, projected, { key, value }, tile, norms);
    rows.push(attended.key, attended.value);
    const mixed = await project(attended.output, layer, ['attn_output']);
    const between = await normalise(graph, source, before.residual, mixed, `blk.${layer}.ffn_norm`);
    change = await project(await activated(between.normal, layer), layer, ['ffn_down']);
    residual = between.residual;
  }
  graph.node('Add', [residual, change!], { outputs: ['y'] });
  graph.output({ name: 'y', type: 'float32', dimensions: [1, 'S', hidden] });
  graph.node('Concat', rows, { outputs: ['kv_new'], attributes: { axis: 0 } });
  graph.output({ name: 'kv_new', type: 'float32', dimensions: [rows.length, 'S', keyValueHeads * headSize] });
  return graph.finish();

  /** Matrices that read the same input, as one product where that can be, and their biases. */
  async function project(input: ValueName, layer: number, names: readonly string[]): Promise<ValueName> {
    const constants = `layer${layer}.${names.join('+')}`;
    const tensors = names.map((name) => `blk.${layer}.${name}.weight`);
    const product = await matrixProduct(products, input, constants, tensors);
    const biases = names.map((name) => `blk.${layer}.${name}.bias`);
    if (!biases.some((bias) => source.shape(bias))) return product;
    const parts: Float32Array[] = [];
    for (const [index, bias] of biases.entries()) {
      const { rows } = source.shape(tensors[index]!)!;
      parts.push(source.shape(bias) ? dequantise(await source.tensor(bias)) : new Float32Array(rows));
    }
    const values = Float32Array.from(parts.flatMap((part) => [...part]));
    const bias = graph.constant(`${constants}.bias`, 'float32', [values.length], bytesOf(values));
    return graph.node('Add', [product, bias]);
  }

  /** SiLU of a gate times what it lets through; or GELU, in its usual approximation by tanh. */
  async function activated(input: ValueName, layer: number): Promise<ValueName> {
    if (!source.shape(`blk.${layer}.ffn_gate.weight`))
      return graph.node('FastGelu', [await project(input, layer, ['ffn_up'])], { contrib: true });
    const wide = await project(input, layer, ['ffn_gate', 'ffn_up']);
    const [gate, up] = graph.nodes('Split', [wide], 2, { attributes: { axis: -1 } });
    return graph.node('Mul', [graph.node('Mul', [gate!, graph.node('Sigmoid', [gate!])]), up!]);
  }

  async function headNorms(layer: number): Promise<HeadNorms | undefined> {
    const gain = async (which: string): Promise<ValueName> => {
      const values = dequantise(await source.tensor(`blk.${layer}.attn_${which}_norm.weight`));
      return graph.constant(`layer${layer}.${which}_norm`, 'float32', [headSize], bytesOf(values));
    };
    if (!source.shape(`blk.${layer}.attn_q_norm.weight`)) return undefined;
    return { query: await gain('q'), key: await gain('k') };
  }
}

/**
 * Adds the last change to the running sum and normalises it by the norm `name` of the source, whose bias says that the
 * mean is subtracted first; both are needed further on.
 */
export async function normalise(
  graph: GraphBuilder,
  source: ModelSource,
  residual: ValueName,
  change: ValueName | undefined,
  name: string,
): Promise<{ normal: ValueName; residual: ValueName }> {
  const { hidden, normEpsilon } = source.architecture;
  const parts: ValueName[] = [];
  for (const [part, constant] of [
    ['weight', 'norm_of'],
    ['bias', 'norm_bias_of'],
  ] as const) {
    if (!source.shape(`${name}.${part}`)) continue;
    const values = bytesOf(dequantise(await source.tensor(`${name}.${part}`)));
    parts.push(graph.constant(`${constant}_${residual}_${change ?? ''}`, 'float32', [hidden], values));
  }
  const operator = parts.length === 2 ? 'LayerNormalization' : 'SimplifiedLayerNormalization';
  const epsilon = { float: normEpsilon };
  if (change === undefined) {
    const attributes = { axis: -1, epsilon };
    return { normal: graph.node(operator, [residual, ...parts], { attributes }), residual };
  }
  const outputs = [`normal_of_${change}`, '', '', `sum_with_${change}`];
  graph.nodes(`Skip${operator}`, [residual, change, ...parts], 4, {
    contrib: true,
    outputs,
    attributes: { epsilon },
  });
  return { normal: outputs[0]!, residual: outputs[3]! };
}
