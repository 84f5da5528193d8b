/**
 * The network in plain loops over float64: what the graphs must compute, written from the papers alone (Touvron et al.
 * 2023; Bai et al. 2023; Qwen3 2025; Lozhkov et al. 2024). Slow, and with nothing in common with the graphs but the weights. In single
 * precision the same loops show how far an honest float32 program may be off.
 */
import { dequantise } from '../../models/convert/dequantise.js';
import type { ModelSource } from '../../models/convert/model-source.js';

/** What each sum and product is rounded by. */
type Rounding = (value: number) => number;
const exactly: Rounding = (value) => value;

/** Where a computation departs from exact numbers and full depth. */
export interface Departures {
  /**
   * After which layer each token leaves: from then on its state stays as it is, and deeper layers take their keys and
   * values from that (propagation).
   */
  readonly depths?: readonly number[];
  /**
   * With Math.fround all of it is in single precision; sums then run from left to right, and rotary angles are
   * multiplied on from pair to pair, each the least exact of the usual ways.
   */
  readonly round?: Rounding;
  /** What becomes of the values of a matrix. */
  readonly matrix?: (name: string, values: Float32Array) => Float32Array;
  /** What becomes of each row before matrices multiply it. */
  readonly input?: (row: Float64Array) => Float64Array;
  /** How GELU is computed. */
  readonly gelu?: (value: number) => number;
}

/** Logits [tokens, vocabulary] of a text. */
export async function plainLogits(
  source: ModelSource,
  tokens: readonly number[],
  { depths, round = exactly, matrix, input, gelu = geluByTanh }: Departures = {},
): Promise<Float64Array[]> {
  const { layers, hidden, heads, keyValueHeads, headSize, vocabulary, normEpsilon } = source.architecture;
  const weights = async (name: string): Promise<Float32Array | undefined> => {
    const shape = source.shape(name);
    if (shape === undefined) return undefined;
    const values = dequantise(await source.tensor(name));
    return matrix === undefined || shape.rows === 1 ? values : matrix(name, values);
  };
  /** A norm with a bias subtracts the mean (Ba et al. 2016); one without is the root mean square's. */
  const normed = async (rows: readonly Float64Array[], name: string): Promise<Float64Array[]> => {
    const gain = (await weights(`${name}.weight`))!;
    const bias = await weights(`${name}.bias`);
    if (bias === undefined) return norm(rows, gain, normEpsilon, round);
    const centred = norm(
      rows.map((row) => centre(row, round)),
      gain,
      normEpsilon,
      round,
    );
    return centred.map((row) => row.map((value, i) => round(value + bias[i]!)));
  };
  const multiplied = (rows: readonly Float64Array[]): readonly Float64Array[] =>
    input === undefined ? rows : rows.map(input);
  const embedding = (await weights('token_embd.weight'))!;
  const x = tokens.map((token) =>
    Float64Array.from(embedding.subarray(token * hidden, (token + 1) * hidden)),
  );

  for (let layer = 0; layer < layers; layer++) {
    const running = x.filter((_, at) => layer < (depths?.[at] ?? layers));
    const ofRunning = (rows: readonly Float64Array[]) => rows.filter((_, at) => running.includes(x[at]!));
    const get = (name: string): Promise<Float32Array | undefined> => weights(`blk.${layer}.${name}`);
    const linear = async (name: string, rows: readonly Float64Array[]): Promise<Float64Array[]> =>
      product(rows, (await get(`${name}.weight`))!, await get(`${name}.bias`), round);

    const normal = multiplied(await normed(x, `blk.${layer}.attn_norm`));
    const [q, k, v] = [
      await linear('attn_q', normal),
      await linear('attn_k', normal),
      await linear('attn_v', normal),
    ];
    for (const [rows, count, gain] of [
      [q, heads, await get('attn_q_norm.weight')],
      [k, keyValueHeads, await get('attn_k_norm.weight')],
    ] as const) {
      rows.forEach((row, position) => {
        for (let head = 0; head < count; head++) {
          const part = row.subarray(head * headSize, (head + 1) * headSize);
          if (gain) part.set(norm([part], gain, normEpsilon, round)[0]!);
          rotate(part, position, source, round);
        }
      });
    }
    const mixed = tokens.map((_, at) => {
      const out = new Float64Array(heads * headSize);
      for (let head = 0; head < heads; head++) {
        const shared = Math.floor(head / (heads / keyValueHeads)) * headSize;
        const own = head * headSize;
        const scores = Array.from({ length: at + 1 }, (_unused, other) => {
          let sum = 0;
          for (let i = 0; i < headSize; i++)
            sum = round(sum + round(q[at]![own + i]! * k[other]![shared + i]!));
          return round(sum / Math.sqrt(headSize));
        });
        const top = Math.max(...scores);
        const powers = scores.map((score) => round(Math.exp(score - top)));
        const total = powers.reduce((sum, power) => round(sum + power), 0);
        powers.forEach((power, other) => {
          const share = round(power / total);
          for (let i = 0; i < headSize; i++)
            out[own + i] = round(out[own + i]! + round(share * v[other]![shared + i]!));
        });
      }
      return out;
    });
    add(running, ofRunning(await linear('attn_output', multiplied(mixed))), round);

    const between = multiplied(await normed(x, `blk.${layer}.ffn_norm`));
    const gate = source.shape(`blk.${layer}.ffn_gate.weight`) && (await linear('ffn_gate', between));
    const up = await linear('ffn_up', between);
    const active = up.map((row, at) =>
      row.map((value, i) => {
        const open = gate?.[at]![i];
        return open === undefined
          ? round(gelu(value))
          : round(round(open / round(1 + Math.exp(-open))) * value);
      }),
    );
    add(running, ofRunning(await linear('ffn_down', multiplied(active))), round);
  }
  const last = multiplied(await normed(x, 'output_norm'));
  const head = (await weights('output.weight')) ?? embedding;
  const logits = product(last, head, undefined, round);
  if (logits[0]!.length !== vocabulary)
    throw new Error('The head has another number of rows than the vocabulary.');
  return logits;
}

function product(
  rows: readonly Float64Array[],
  matrix: Float32Array,
  bias: Float32Array | undefined,
  round: Rounding,
): Float64Array[] {
  return rows.map((row) => {
    const out = new Float64Array(matrix.length / row.length);
    for (let i = 0; i < out.length; i++) {
      let sum = bias?.[i] ?? 0;
      for (let j = 0; j < row.length; j++) sum = round(sum + round(row[j]! * matrix[i * row.length + j]!));
      out[i] = sum;
    }
    return out;
  });
}

/** Hendrycks & Gimpel 2016, as approximated there. */
export function geluByTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function centre(row: Float64Array, round: Rounding): Float64Array {
  const mean = round(row.reduce((sum, value) => round(sum + value), 0) / row.length);
  return row.map((value) => round(value - mean));
}

function norm(
  rows: readonly Float64Array[],
  gain: Float32Array,
  epsilon: number,
  round: Rounding,
): Float64Array[] {
  return rows.map((row) => {
    const square = row.reduce((sum, value) => round(sum + round(value * value)), 0) / row.length;
    const size = round(Math.sqrt(round(square + epsilon)));
    return row.map((value, i) => round(round(value / size) * gain[i]!));
  });
}

/** Turns pair (i, i + half) by position / base^(2i / size), stretched as the source says. */
function rotate(
  head: Float64Array,
  position: number,
  { architecture, rotary }: ModelSource,
  round: Rounding,
): void {
  const half = head.length / 2;
  const magnitude = rotary?.magnitude ?? 1;
  const step = round(architecture.ropeBase ** (-2 / head.length));
  let onward = position;
  for (let i = 0; i < half; i++) {
    const plain = round === exactly ? position / architecture.ropeBase ** ((2 * i) / head.length) : onward;
    const angle = round(plain / (rotary?.divisors[i] ?? 1));
    const [cosine, sine] = [round(magnitude * Math.cos(angle)), round(magnitude * Math.sin(angle))];
    const [a, b] = [head[i]!, head[i + half]!];
    head[i] = round(round(a * cosine) - round(b * sine));
    head[i + half] = round(round(b * cosine) + round(a * sine));
    onward = round(onward * step);
  }
}

function add(rows: readonly Float64Array[], others: readonly Float64Array[], round: Rounding): void {
  rows.forEach((row, at) => {
    for (let i = 0; i < row.length; i++) row[i] = round(row[i]! + others[at]![i]!);
  });
}
