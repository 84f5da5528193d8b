/** Cuts a graph down to what its outputs ask for. */
import type { OnnxGraph, OnnxNode } from './onnx-writer.js';

/** Nodes and constants that nothing asks for any more are left out. */
export function withoutTheUnused(graph: OnnxGraph): OnnxGraph {
  const asked = new Set(graph.outputs.map((output) => output.name));
  const nodes: OnnxNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => asked.has(output))) continue;
    for (const input of node.inputs) asked.add(input);
    nodes.unshift(node);
  }
  return { ...graph, nodes, constants: graph.constants.filter((constant) => asked.has(constant.name)) };
}
