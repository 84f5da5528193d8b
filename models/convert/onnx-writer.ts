/**
 * Writes ONNX models, by the field numbers of onnx.proto3 (ONNX IR version 8).
 * The tag and varint encoding is @bufbuild/protobuf's. The one npm package with ready-made ONNX classes, onnx-proto,
 * rests on protobufjs 6 of 2021 and is no longer kept; the messages that a converter needs fit on this page.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Element types of tensors, by ONNX's numbers. */
export const ELEMENT = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const;
export type ElementType = keyof typeof ELEMENT;

export type OnnxAttribute = number | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers and lists of them; floats are marked. */
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dimensions: readonly number[];
  /** The bytes themselves, or where they lie in a file beside the model. */
  readonly content: Uint8Array | { readonly file: string; readonly offset: number; readonly length: number };
}

/** An input or output; dimensions known only at run time have names. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dimensions: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const IR_VERSION = 8;
const OPERATOR_SETS = [
  ['', 17],
  ['com.microsoft', 1],
] as const;

/** The bytes of a `.onnx` file. */
export function encodeOnnxModel(graph: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, IR_VERSION);
  text(writer, 2, 'candor');
  message(writer, 7, () => {
    writeGraph(writer, graph);
  });
  for (const [domain, version] of OPERATOR_SETS) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      integer(writer, 2, version);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const [index, node] of graph.nodes.entries()) {
    message(writer, 1, () => {
      writeNode(writer, node, index);
    });
  }
  text(writer, 2, graph.name);
  for (const constant of graph.constants) {
    message(writer, 5, () => {
      writeTensor(writer, constant);
    });
  }
  for (const [field, values] of [
    [11, graph.inputs],
    [12, graph.outputs],
  ] as const) {
    for (const value of values) {
      message(writer, field, () => {
        writeValue(writer, value);
      });
    }
  }
}

function writeNode(writer: BinaryWriter, node: OnnxNode, index: number): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, `${node.operator}_${index}`);
  text(writer, 4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => {
      writeAttribute(writer, name, value);
    });
  }
  text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  const TYPE_FIELD = 20;
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, TYPE_FIELD, 2);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    integer(writer, TYPE_FIELD, 1);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, TYPE_FIELD, 7);
  }
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  for (const dimension of tensor.dimensions) integer(writer, 1, dimension);
  integer(writer, 2, ELEMENT[tensor.type]);
  text(writer, 8, tensor.name);
  const { content } = tensor;
  if (content instanceof Uint8Array) {
    writer.tag(9, WireType.LengthDelimited).bytes(content);
    return;
  }
  const place = { location: content.file, offset: String(content.offset), length: String(content.length) };
  for (const [key, value] of Object.entries(place)) {
    message(writer, 13, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  const EXTERNAL = 1;
  integer(writer, 14, EXTERNAL);
}

function writeValue(writer: BinaryWriter, value: OnnxValue): void {
  text(writer, 1, value.name);
  message(writer, 2, () => {
    message(writer, 1, () => {
      integer(writer, 1, ELEMENT[value.type]);
      message(writer, 2, () => {
        for (const dimension of value.dimensions) {
          message(writer, 1, () => {
            if (typeof dimension === 'number') integer(writer, 1, dimension);
            else text(writer, 2, dimension);
          });
        }
      });
    });
  });
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}
