/** Reads ONNX models that `onnx-writer.ts` wrote, field for field; what that never writes is refused. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ConversionError } from './model-source.js';
import {
  ELEMENT,
  type ElementType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-writer.js';

/** @throws ConversionError when the bytes are not such a model. */
export function decodeOnnxModel(bytes: Uint8Array): OnnxGraph {
  try {
    const graph = Message.of(bytes).message(7);
    return {
      name: graph.text(2),
      nodes: graph.messages(1).map(nodeOf),
      constants: graph.messages(5).map(tensorOf),
      inputs: graph.messages(11).map(valueOf),
      outputs: graph.messages(12).map(valueOf),
    };
  } catch (error) {
    if (error instanceof ConversionError) throw error;
    throw new ConversionError('This is no ONNX model, or it is cut off.', { cause: error });
  }
}

function nodeOf(node: Message): OnnxNode {
  return {
    operator: node.text(4),
    domain: node.text(7),
    inputs: node.texts(1),
    outputs: node.texts(2),
    attributes: Object.fromEntries(
      node.messages(5).map((attribute) => [attribute.text(1), valueOfAttribute(attribute)]),
    ),
  };
}

function valueOfAttribute(attribute: Message): OnnxAttribute {
  switch (attribute.number(20)) {
    case 1:
      return { float: attribute.number(2) };
    case 2:
      return attribute.number(3);
    case 7:
      return attribute.numbers(8);
    default:
      throw new ConversionError(
        `The attribute ${attribute.text(1)} is of a kind that Candor does not write.`,
      );
  }
}

function tensorOf(tensor: Message): OnnxTensor {
  const places = Object.fromEntries(tensor.messages(13).map((entry) => [entry.text(1), entry.text(2)]));
  const content =
    places.location === undefined
      ? tensor.bytes(9)
      : { file: places.location, offset: Number(places.offset), length: Number(places.length) };
  return {
    name: tensor.text(8),
    type: elementType(tensor.number(2)),
    dimensions: tensor.numbers(1),
    content,
  };
}

function valueOf(value: Message): OnnxValue {
  const tensor = value.message(2).message(1);
  const dimensions = tensor
    .message(2)
    .messages(1)
    .map((dimension) => (dimension.has(2) ? dimension.text(2) : dimension.number(1)));
  return { name: value.text(1), type: elementType(tensor.number(1)), dimensions };
}

function elementType(number: number): ElementType {
  const found = Object.entries(ELEMENT).find(([, value]) => value === number);
  if (!found) throw new ConversionError(`Numbers of ONNX's type ${number} are not used by Candor.`);
  return found[0] as ElementType;
}

type Field = number | Uint8Array;

/** The fields of one protobuf message, by their numbers. */
class Message {
  private constructor(private readonly fields: ReadonlyMap<number, readonly Field[]>) {}

  static of(bytes: Uint8Array): Message {
    const reader = new BinaryReader(bytes);
    const fields = new Map<number, Field[]>();
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      const values = fields.get(number) ?? [];
      values.push(readField(reader, type));
      fields.set(number, values);
    }
    return new Message(fields);
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  numbers(field: number): readonly number[] {
    return this.all(field).map(Number);
  }

  /** Protobuf leaves zeros out. */
  number(field: number): number {
    return this.numbers(field)[0] ?? 0;
  }

  bytes(field: number): Uint8Array {
    return (this.all(field)[0] as Uint8Array | undefined) ?? new Uint8Array();
  }

  texts(field: number): readonly string[] {
    return this.all(field).map((bytes) => new TextDecoder().decode(bytes as Uint8Array));
  }

  text(field: number): string {
    return this.texts(field)[0] ?? '';
  }

  messages(field: number): readonly Message[] {
    return this.all(field).map((bytes) => Message.of(bytes as Uint8Array));
  }

  message(field: number): Message {
    const [first] = this.messages(field);
    if (!first) throw new ConversionError(`The model lacks field ${field}.`);
    return first;
  }

  private all(field: number): readonly Field[] {
    return this.fields.get(field) ?? [];
  }
}

function readField(reader: BinaryReader, type: WireType): Field {
  if (type === WireType.Varint) return Number(reader.int64());
  if (type === WireType.Bit32) return reader.float();
  if (type === WireType.LengthDelimited) return reader.bytes();
  throw new ConversionError('The model holds a field that Candor does not write.');
}
