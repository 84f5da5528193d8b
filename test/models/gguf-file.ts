/** Writes small GGUF files (version 3) for tests of what the converter refuses. */

export interface GgufTensor {
  readonly name: string;
  /** The fastest dimension first, as GGUF counts them. */
  readonly shape: readonly number[];
  readonly type: number;
  readonly bytes: Uint8Array;
}

export type Value = string | number | boolean | readonly string[] | readonly number[];

const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const ALIGNMENT = 32;

export function ggufFile(metadata: Readonly<Record<string, Value>>, tensors: readonly GgufTensor[]): Buffer {
  const sized = tensors.map((tensor) => ({ ...tensor, size: tensor.bytes.length }));
  return Buffer.concat([ggufHead(metadata, sized), ...tensors.map(({ bytes }) => padded(bytes))]);
}

/** What stands before the bytes of tensors, each of which is padded to a multiple of 32. */
export function ggufHead(
  metadata: Readonly<Record<string, Value>>,
  tensors: readonly (Omit<GgufTensor, 'bytes'> & { readonly size: number })[],
): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), typed(value));
  let offset = 0;
  for (const { name, shape, type, size } of tensors) {
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(type), uint64(offset));
    offset += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  }
  return padded(Buffer.concat(parts));
}

export function padded(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc(Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT);
  whole.set(bytes);
  return whole;
}

function typed(value: Value): Buffer {
  if (typeof value === 'boolean') return Buffer.concat([uint32(BOOL), Buffer.of(value ? 1 : 0)]);
  if (typeof value === 'string') return Buffer.concat([uint32(STRING), text(value)]);
  if (typeof value === 'number') return Buffer.concat([uint32(kindOf(value)), plain(value)]);
  // Equal types in a list: floats as soon as one of them is one.
  const kind = value.some((item) => kindOf(item) === FLOAT32) ? FLOAT32 : kindOf(value[0] ?? 0);
  const item = kind === FLOAT32 ? (one: string | number) => float32(Number(one)) : plain;
  // llama.cpp takes types of tokens as signed numbers only.
  const written = kind === UINT32 ? INT32 : kind;
  return Buffer.concat([uint32(ARRAY), uint32(written), uint64(value.length), ...value.map(item)]);
}

function kindOf(value: string | number): number {
  if (typeof value === 'string') return STRING;
  return Number.isInteger(value) ? UINT32 : FLOAT32;
}

function plain(value: string | number): Buffer {
  if (typeof value === 'string') return text(value);
  return Number.isInteger(value) ? uint32(value) : float32(value);
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
