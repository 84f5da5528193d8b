/**
 * A graph that computes in half precision, made from one that computes in float32: the same weights in the same files,
 * rounded when the graph is loaded. Hidden states and logits stay float32 outside; keys and values are halves.
 */
import { ELEMENT, type OnnxGraph, type OnnxNode, type OnnxValue } from './onnx-writer.js';

/** Inputs and outputs that stay float32 outside the graph; they are small, and JavaScript reads or writes them. */
const FULL_OUTSIDE = ['x', 'attn_bias', 'y', 'logits'];

/** Constants and inputs are cast on their way in, `y` and `logits` on their way out. */
export function halfGraph(graph: OnnxGraph): OnnxGraph {
  const isFull = (value: OnnxValue): boolean => value.type === 'float32' && FULL_OUTSIDE.includes(value.name);
  const full = [
    ...graph.inputs.filter(isFull),
    ...graph.constants.filter((constant) => constant.type === 'float32'),
  ].map((value) => value.name);
  const leaving = graph.outputs.filter(isFull).map((value) => value.name);
  const half = (name: string): string =>
    full.includes(name) || leaving.includes(name) ? `${name}_half` : name;
  const cast = (from: string, to: string, type: 'float16' | 'float32'): OnnxNode => ({
    operator: 'Cast',
    domain: '',
    inputs: [from],
    outputs: [to],
    attributes: { to: ELEMENT[type] },
  });
  return {
    ...graph,
    nodes: [
      ...full.map((name) => cast(name, half(name), 'float16')),
      ...graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(half),
        outputs: node.outputs.map(half),
        // Weights that are stored as halves were widened; now they are what the graph wants.
        attributes: widens(node) ? { ...node.attributes, to: ELEMENT.float16 } : node.attributes,
      })),
      ...leaving.map((name) => cast(half(name), name, 'float32')),
    ],
    inputs: graph.inputs.map((value) => (isFull(value) ? value : halved(value))),
    outputs: graph.outputs.map((value) => (isFull(value) ? value : halved(value))),
  };
}

function widens({ operator, attributes }: OnnxNode): boolean {
  return operator === 'Cast' && attributes.to === ELEMENT.float32;
}

function halved(value: OnnxValue): OnnxValue {
  return value.type === 'float32' ? { ...value, type: 'float16' } : value;
}
