/** Writes a GGUF file anew with its matrices in another storage type: the same weights at another bit width. */
import { open, readFile } from 'node:fs/promises';
import { gguf } from '@huggingface/gguf';
import { dequantise } from '../../../models/convert/dequantise.js';
import { toFloat16 } from '../../../models/convert/float16.js';
import type { TensorType } from '../../../models/convert/model-source.js';
import { bytesPerRow } from '../../../models/convert/tensor-types.js';

export type Target = 'F32' | 'Q8_0';

/** GGML's numbers of the types that occur. */
const typeNumbers: Readonly<Record<number, TensorType>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  8: 'Q8_0',
};
const targetNumbers: Readonly<Record<Target, number>> = { F32: 0, Q8_0: 8 };

/** Tensor data begins, and each tensor begins, at a multiple of this. */
const ALIGNMENT = 32;
const Q8_BLOCK = 32;

/** Vectors stay float32, as llama.cpp wants them. Metadata is copied byte for byte. */
export async function rewriteGguf(from: string, to: string, target: Target): Promise<void> {
  const { tensorInfos, tensorDataOffset } = await gguf(from, { allowLocalFile: true });
  const bytes = await readFile(from);
  const dataStart = Number(tensorDataOffset);
  const tensors = tensorInfos.map((info) => {
    const columns = Number(info.shape[0]);
    const rows = Number(info.shape[1] ?? 1n);
    const type = typeNumbers[info.dtype];
    if (type === undefined)
      throw new Error(`${from}: tensor ${info.name} has a type that cannot be rewritten.`);
    const start = dataStart + Number(info.offset);
    const source = {
      rows,
      columns,
      type,
      bytes: bytes.subarray(start, start + rows * bytesPerRow(type, columns)),
    };
    const stored = rows === 1 ? 'F32' : target;
    const size = rows * bytesPerRow(stored, columns);
    return { name: info.name, shape: info.shape, source, stored, size } as const;
  });
  const infoSize = tensors.reduce((sum, { name, shape }) => sum + infoBytes(name, shape.length), 0);
  const infoStart = findInfos(bytes, dataStart, infoSize, tensors[0]!.name);

  const infos = Buffer.alloc(infoSize);
  let at = 0;
  let offset = 0;
  for (const { name, shape, stored, size } of tensors) {
    at = writeInfo(infos, at, name, shape, targetNumbers[stored], offset);
    offset += aligned(size);
  }
  const file = await open(to, 'w');
  try {
    const head = Buffer.concat([bytes.subarray(0, infoStart), infos]);
    await file.write(Buffer.concat([head, Buffer.alloc(aligned(head.length) - head.length)]));
    for (const { source, stored, size } of tensors) {
      const values = dequantise(source);
      const data = stored === 'F32' ? floats(values) : eightBits(values);
      await file.write(Buffer.concat([data, Buffer.alloc(aligned(size) - size)]));
    }
  } finally {
    await file.close();
  }
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/** Name with its length, number of dimensions, dimensions, type, offset. */
function infoBytes(name: string, dimensions: number): number {
  return 8 + Buffer.byteLength(name) + 4 + 8 * dimensions + 4 + 8;
}

/** The descriptions end at most one alignment before the data; the first name tells where exactly. */
function findInfos(bytes: Buffer, dataStart: number, size: number, firstName: string): number {
  for (let padding = 0; padding < ALIGNMENT; padding++) {
    const start = dataStart - padding - size;
    const length = Buffer.byteLength(firstName);
    const fits =
      bytes.readBigUInt64LE(start) === BigInt(length) &&
      bytes.toString('utf8', start + 8, start + 8 + length) === firstName;
    if (fits) return start;
  }
  throw new Error('The GGUF file does not describe its tensors right before their data.');
}

function writeInfo(
  into: Buffer,
  start: number,
  name: string,
  shape: readonly bigint[],
  type: number,
  offset: number,
): number {
  let at = into.writeBigUInt64LE(BigInt(Buffer.byteLength(name)), start);
  at += into.write(name, at);
  at = into.writeUInt32LE(shape.length, at);
  for (const length of shape) at = into.writeBigUInt64LE(length, at);
  at = into.writeUInt32LE(type, at);
  return into.writeBigUInt64LE(BigInt(offset), at);
}

function floats(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** Q8_0: blocks of 32 with a float16 scale, codes rounded to nearest. */
function eightBits(values: Float32Array): Buffer {
  const blocks = values.length / Q8_BLOCK;
  const data = Buffer.alloc(blocks * (2 + Q8_BLOCK));
  for (let block = 0; block < blocks; block++) {
    const of = values.subarray(block * Q8_BLOCK, (block + 1) * Q8_BLOCK);
    const scale = of.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    let at = data.writeUInt16LE(toFloat16(scale), block * (2 + Q8_BLOCK));
    for (const value of of) at = data.writeInt8(scale === 0 ? 0 : Math.round(value / scale), at);
  }
  return data;
}
