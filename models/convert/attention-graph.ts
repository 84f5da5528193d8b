/**
 * Attention whose keys and values live outside the graph ("two-part"): past rows are inputs, new rows are outputs,
 * and scores of both meet in one softmax. Nothing copies the cache, and the mask is whatever the caller says.
 *
 * The second part is a tile: the new rows between recent ones that are already known. Sums in floating point depend on
 * how they are grouped; with tiles at fixed places in the text, a row comes out the same to the last bit whether it is
 * computed alone or among others.
 */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import { integers, type GraphBuilder, type ValueName } from './graph-builder.js';

/** What all layers of a block share. */
export interface AttentionShared {
  /** Position of each row in its sequence, int64 [1, S]. */
  readonly positions: ValueName;
  /** Rotary tables [context, headSize / 2]. */
  readonly cosines: ValueName;
  readonly sines: ValueName;
  /** The mask, repeated for the query heads that share a key head: [1, 1, G * S, P + T]. */
  readonly bias: ValueName;
  /** The lengths P and T, for cutting scores in two. */
  readonly parts: ValueName;
  /** For each layer's keys, then its values, layer after layer: the tile's rows before and after the new ones. */
  readonly recent: readonly RecentRows[];
}

/** Rows [1, KV, _, D] of a tile, on either side of the new ones. */
export interface RecentRows {
  readonly before: ValueName;
  readonly after: ValueName;
}

export interface Attended {
  /** [1, S, hidden] */
  readonly output: ValueName;
  /** The new rows of this layer, rotated: [1, S, keyValueHeads * headSize] each. */
  readonly key: ValueName;
  readonly value: ValueName;
}

/** Prepares what layers share; `anyPast` is a past input [1, KV, P, D], whose length is read. */
export function shareAttention(
  graph: GraphBuilder,
  architecture: BundleArchitecture,
  inputs: {
    x: ValueName;
    positions: ValueName;
    mask: ValueName;
    anyPast: ValueName;
    cosines: ValueName;
    sines: ValueName;
    /** [2 * layers, KV, R, D]: the tile as far as it is known, with room for the new rows. */
    recent: ValueName;
    /** Where in it the new rows begin, int64 [1]. */
    recentAt: ValueName;
  },
  layers: number,
): AttentionShared {
  const groups = architecture.heads / architecture.keyValueHeads;
  const bias =
    groups === 1
      ? inputs.mask
      : graph.node('Concat', Array<string>(groups).fill(inputs.mask), { attributes: { axis: 2 } });
  const length = (value: ValueName, axis: number): ValueName =>
    graph.node('Slice', [graph.node('Shape', [value]), integers(graph, [axis]), integers(graph, [axis + 1])]);
  const past = length(inputs.anyPast, 2);
  const tile = graph.node('Sub', [length(inputs.mask, 3), past]);
  const parts = graph.node('Concat', [past, tile], { attributes: { axis: 0 } });

  const rowsAxis = integers(graph, [2]);
  const newEnd = graph.node('Add', [inputs.recentAt, length(inputs.x, 1)]);
  const before = graph.node('Slice', [inputs.recent, integers(graph, [0]), inputs.recentAt, rowsAxis]);
  const after = graph.node('Slice', [
    inputs.recent,
    newEnd,
    integers(graph, [Number.MAX_SAFE_INTEGER]),
    rowsAxis,
  ]);
  const apart = (rows: ValueName): ValueName[] =>
    graph.nodes('Split', [rows], 2 * layers, { attributes: { axis: 0 } });
  const afters = apart(after);
  const recent = apart(before).map((rows, index) => ({ before: rows, after: afters[index]! }));
  return { positions: inputs.positions, cosines: inputs.cosines, sines: inputs.sines, bias, parts, recent };
}

/** Names of the values around a layer's attention; other kinds of attention take its place by them. */
export function attentionNames(
  layer: number,
): Readonly<Record<'query' | 'key' | 'value' | 'output', ValueName>> {
  return {
    query: `query${layer}`,
    key: `key${layer}`,
    value: `value${layer}`,
    output: `attended${layer}`,
  };
}

/** Gains [headSize] of norms within each head of queries and keys, ahead of rotation, where a family has them. */
export interface HeadNorms {
  readonly query: ValueName;
  readonly key: ValueName;
}

/** `projected` is [1, S, heads * D + 2 * KV * D]: queries, keys and values side by side. */
export function attend(
  graph: GraphBuilder,
  { heads, keyValueHeads, headSize, normEpsilon }: BundleArchitecture,
  shared: AttentionShared,
  layer: number,
  projected: ValueName,
  past: { key: ValueName; value: ValueName },
  recent: { key: RecentRows; value: RecentRows },
  norms?: HeadNorms,
): Attended {
  const width = keyValueHeads * headSize;
  const names = attentionNames(layer);
  const split = graph.nodes('Split', [projected, integers(graph, [heads * headSize, width, width])], 3, {
    attributes: { axis: -1 },
    outputs: [`straight_${names.query}`, `straight_${names.key}`, names.value],
  });
  const query = rotate(inHeads(split[0]!, heads, norms?.query), heads, names.query);
  const key = rotate(inHeads(split[1]!, keyValueHeads, norms?.key), keyValueHeads, names.key);
  const value = split[2]!;

  // The query heads of one key head become further rows, so that keys are never repeated: [1, KV, G * S, D].
  const queries = graph.node('Reshape', [
    byHead(query, heads),
    integers(graph, [1, keyValueHeads, -1, headSize]),
  ]);
  const keys = tileOf(recent.key, byHead(key, keyValueHeads));
  const values = tileOf(recent.value, byHead(value, keyValueHeads));
  const scores = graph.node('Concat', [score(queries, past.key), score(queries, keys)], {
    attributes: { axis: -1 },
  });
  const weights = graph.node('Softmax', [graph.node('Add', [scores, shared.bias])], {
    attributes: { axis: -1 },
  });
  const [old, fresh] = graph.nodes('Split', [weights, shared.parts], 2, { attributes: { axis: -1 } });
  const mixed = graph.node('Add', [
    graph.node('MatMul', [old!, past.value]),
    graph.node('MatMul', [fresh!, values]),
  ]);
  const headed = graph.node('Reshape', [mixed, integers(graph, [1, heads, -1, headSize])]);
  const output = graph.node(
    'Reshape',
    [
      graph.node('Transpose', [headed], { attributes: { perm: [0, 2, 1, 3] } }),
      integers(graph, [1, -1, heads * headSize]),
    ],
    { outputs: [names.output] },
  );
  return { output, key, value };

  function inHeads(rows: ValueName, count: number, gain: ValueName | undefined): ValueName {
    if (gain === undefined) return rows;
    const apart = graph.node('Reshape', [rows, integers(graph, [1, -1, count, headSize])]);
    const attributes = { axis: -1, epsilon: { float: normEpsilon } };
    const normal = graph.node('SimplifiedLayerNormalization', [apart, gain], { attributes });
    return graph.node('Reshape', [normal, integers(graph, [1, -1, count * headSize])]);
  }

  function rotate(rows: ValueName, count: number, output: ValueName): ValueName {
    return graph.node('RotaryEmbedding', [rows, shared.positions, shared.cosines, shared.sines], {
      contrib: true,
      attributes: { num_heads: count },
      outputs: [output],
    });
  }
  function byHead(rows: ValueName, count: number): ValueName {
    const headed = graph.node('Reshape', [rows, integers(graph, [1, -1, count, headSize])]);
    return graph.node('Transpose', [headed], { attributes: { perm: [0, 2, 1, 3] } });
  }
  function tileOf({ before, after }: RecentRows, rows: ValueName): ValueName {
    return graph.node('Concat', [before, rows, after], { attributes: { axis: 2 } });
  }
  function score(queries: ValueName, keys: ValueName): ValueName {
    return graph.node('FusedMatMul', [queries, keys], {
      contrib: true,
      attributes: { transB: 1, alpha: { float: headSize ** -0.5 } },
    });
  }
}
