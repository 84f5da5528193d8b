/** Collects the nodes, constants, inputs and outputs of one ONNX graph; large constants go to a file beside it. */
import type { DataFile, Place } from './data-file.js';
import type {
  ElementType,
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './onnx-writer.js';

/** Name of a value inside a graph. */
export type ValueName = string;

export interface NodeOptions {
  /** Operators of ONNX Runtime's own set, `com.microsoft`. */
  readonly contrib?: boolean;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Names of the outputs, where they matter; '' leaves an optional one out. */
  readonly outputs?: readonly ValueName[];
}

export interface GraphBuilder {
  /** Adds an operator with one output. */
  node(operator: string, inputs: readonly ValueName[], options?: NodeOptions): ValueName;
  /** Adds an operator with several outputs. */
  nodes(operator: string, inputs: readonly ValueName[], outputs: number, options?: NodeOptions): ValueName[];
  /** Adds a constant; the second of the same name must be the same and is dropped. */
  constant(
    name: ValueName,
    type: ElementType,
    dimensions: readonly number[],
    content: Uint8Array | Place,
  ): ValueName;
  input(value: OnnxValue): ValueName;
  output(value: OnnxValue): void;
  finish(): OnnxGraph;
}

/** Constants up to this many bytes stay inside the graph, where shape inference can see them. */
const INLINE_BYTES = 1024;

export function createGraph(name: string, data: DataFile): GraphBuilder {
  const nodes: OnnxNode[] = [];
  const constants = new Map<ValueName, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  let values = 0;

  const add = (
    operator: string,
    from: readonly ValueName[],
    count: number,
    options: NodeOptions,
  ): ValueName[] => {
    const to = options.outputs ?? Array.from({ length: count }, () => `${operator}_${values++}`);
    const domain = options.contrib === true ? 'com.microsoft' : '';
    nodes.push({ operator, domain, inputs: from, outputs: to, attributes: options.attributes ?? {} });
    return [...to];
  };
  return {
    node: (operator, from, options = {}) => add(operator, from, 1, options)[0]!,
    nodes: (operator, from, count, options = {}) => add(operator, from, count, options),
    constant: (constant, type, dimensions, content) => {
      if (!constants.has(constant)) {
        const large = content instanceof Uint8Array && content.length > INLINE_BYTES;
        constants.set(constant, {
          name: constant,
          type,
          dimensions,
          content: large ? data.append(content) : content,
        });
      }
      return constant;
    },
    input: (value) => {
      inputs.push(value);
      return value.name;
    },
    output: (value) => {
      outputs.push(value);
    },
    finish: () => ({ name, nodes, constants: [...constants.values()], inputs, outputs }),
  };
}

/** The bytes of a typed array, which must not change afterwards. */
export function bytesOf(array: Float32Array | Uint16Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A constant list of whole numbers, such as a shape. */
export function integers(graph: GraphBuilder, values: readonly number[]): ValueName {
  const bytes = bytesOf(BigInt64Array.from(values, BigInt));
  return graph.constant(`int_${values.join('_')}`, 'int64', [values.length], bytes);
}
