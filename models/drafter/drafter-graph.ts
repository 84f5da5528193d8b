/**
 * The graph of a recurrent drafter: it guesses the next token from the network's last hidden state and the token that was
 * chosen there (Cheng et al., *Recurrent Drafter*, 2024, https://arxiv.org/abs/2403.09919; the gated layers are
 * those of Llama). `models/recipe/train/drafter.py` trains it; the network itself stays as it is.
 */
import {
  bytesOf,
  createGraph,
  integers,
  type GraphBuilder,
  type ValueName,
} from '../convert/graph-builder.js';
import { nbitsProduct } from '../convert/nbits-product.js';
import type { OnnxGraph } from '../convert/onnx-writer.js';
import { quantiseSymmetric, quantiseWithZeroPoints } from '../convert/quantise.js';
import { inMemory } from './memory-file.js';

/** Row-major matrices and gains. H: the width of the network; V: tokens that can be guessed, and "any other". */
export interface DrafterWeights {
  readonly width: number;
  readonly normEpsilon: number;
  readonly stateNorm: Float32Array;
  readonly tokenNorm: Float32Array;
  /** [H, 2 H] */
  readonly input: Float32Array;
  readonly blocks: readonly DrafterBlock[];
  readonly outputNorm: Float32Array;
  /** [V, H]: rows of the network's head, the last one for any other token. */
  readonly head: Float32Array;
  /** [V], the last one being -1, for any other. */
  readonly tokens: readonly number[];
}

export interface DrafterBlock {
  readonly norm: Float32Array;
  /** [inner, H] */
  readonly gate: Float32Array;
  readonly up: Float32Array;
  /** [H, inner] */
  readonly down: Float32Array;
}

const BLOCK = 32;

/**
 * Inputs: `state` and `token` float32 [1, H]: the hidden state that chose the token, and the token's embedding.
 * Outputs, all float32: `next` [1, H], the state after that token; `guess` [1, 1], which of the tokens most likely
 * follows; `chance` [1, 1], how likely it is.
 */
export function drafterGraph(weights: DrafterWeights): OnnxGraph {
  const { width, normEpsilon, blocks, tokens } = weights;
  const memory = inMemory();
  const graph = createGraph('drafter', memory.file);
  const normal = (x: ValueName, name: string, gain: Float32Array): ValueName =>
    graph.node('SimplifiedLayerNormalization', [x, floats(graph, name, [width], gain)], {
      attributes: { axis: -1, epsilon: { float: normEpsilon } },
    });
  const product = (x: ValueName, name: string, values: Float32Array, columns: number): ValueName =>
    nbitsProduct(graph, x, name, quantiseWithZeroPoints(values, values.length / columns, columns, BLOCK));
  const inputs = (['state', 'token'] as const).map((name) =>
    graph.input({ name, type: 'float32', dimensions: [1, width] }),
  );
  const both = graph.node(
    'Concat',
    [
      normal(inputs[0]!, 'state_norm', weights.stateNorm),
      normal(inputs[1]!, 'token_norm', weights.tokenNorm),
    ],
    { attributes: { axis: -1 } },
  );
  let state = product(both, 'input', weights.input, 2 * width);
  for (const [index, block] of blocks.entries()) {
    const read = normal(state, `block${index}.norm`, block.norm);
    const gate = product(read, `block${index}.gate`, block.gate, width);
    const up = product(read, `block${index}.up`, block.up, width);
    const wide = graph.node('Mul', [graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]), up]);
    const change = product(wide, `block${index}.down`, block.down, block.down.length / width);
    state = graph.node('Add', [state, change]);
  }
  graph.node('Identity', [state], { outputs: ['next'] });
  graph.output({ name: 'next', type: 'float32', dimensions: [1, width] });
  const head = quantiseSymmetric(weights.head, tokens.length, width, 8, BLOCK);
  const logits = nbitsProduct(graph, normal(state, 'output_norm', weights.outputNorm), 'head', head);
  const chances = graph.node('Softmax', [logits], { attributes: { axis: -1 } });
  const bounds = [0, tokens.length - 1].map((at) => integers(graph, [at]));
  const known = graph.node('Slice', [chances, ...bounds, integers(graph, [1])]);
  const [, place] = graph.nodes('TopK', [known, integers(graph, [1])], 2, { outputs: ['chance', 'place'] });
  const names = floats(graph, 'tokens', [tokens.length - 1], Float32Array.from(tokens.slice(0, -1)));
  graph.node('Gather', [names, place!], { outputs: ['guess'], attributes: { axis: 0 } });
  for (const name of ['guess', 'chance']) graph.output({ name, type: 'float32', dimensions: [1, 1] });
  return memory.whole(graph.finish());
}

function floats(
  graph: GraphBuilder,
  name: string,
  dimensions: readonly number[],
  values: Float32Array,
): ValueName {
  return graph.constant(name, 'float32', dimensions, bytesOf(values));
}
