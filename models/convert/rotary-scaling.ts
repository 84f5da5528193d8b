/** The ways in which models stretch rotary embedding to longer texts, as what each pair's frequency is divided by. */
import type { RotaryScaling } from './model-source.js';

export interface Head {
  readonly headSize: number;
  readonly ropeBase: number;
}

/** Every frequency alike (Chen et al. 2023, position interpolation). */
export function linear({ headSize }: Head, factor: number): RotaryScaling {
  return { divisors: Array<number>(headSize / 2).fill(factor), magnitude: 1 };
}

export interface Yarn {
  readonly factor: number;
  /** The length of text that the model was trained with before. */
  readonly originalContext: number;
  /** Turns within that length from which on a pair stays as it is, and up to which it is stretched whole. */
  readonly fastTurns?: number;
  readonly slowTurns?: number;
  /** What cosines and sines are multiplied by; by default what YaRN recommends. */
  readonly magnitude?: number;
}

/** High frequencies as they are, low ones stretched, a ramp between (Peng et al. 2023, YaRN, section 3.2). */
export function yarn(
  { headSize, ropeBase }: Head,
  { factor, originalContext, fastTurns = 32, slowTurns = 1, magnitude }: Yarn,
): RotaryScaling {
  const pairs = headSize / 2;
  const pairWithTurns = (turns: number): number =>
    (headSize * Math.log(originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(ropeBase));
  const low = Math.max(Math.floor(pairWithTurns(fastTurns)), 0);
  const high = Math.min(Math.ceil(pairWithTurns(slowTurns)), headSize - 1);
  const divisors = Array.from({ length: pairs }, (_, pair) => {
    const stretched = Math.min(Math.max((pair - low) / Math.max(0.001, high - low), 0), 1);
    return 1 / (stretched / factor + (1 - stretched));
  });
  return { divisors, magnitude: magnitude ?? (factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1) };
}

export interface Llama3 {
  readonly factor: number;
  readonly lowFactor: number;
  readonly highFactor: number;
  readonly originalContext: number;
}

/** As YaRN, with a ramp over wavelengths (The Llama 3 Herd of Models, 2024; `rope_type` llama3). */
export function llama3(
  { headSize, ropeBase }: Head,
  { factor, lowFactor, highFactor, originalContext }: Llama3,
): RotaryScaling {
  const divisors = Array.from({ length: headSize / 2 }, (_, pair) => {
    const wavelength = 2 * Math.PI * ropeBase ** ((2 * pair) / headSize);
    const turns = originalContext / wavelength;
    if (turns > highFactor) return 1;
    if (turns < lowFactor) return factor;
    const kept = (turns - lowFactor) / (highFactor - lowFactor);
    return 1 / ((1 - kept) / factor + kept);
  });
  return { divisors, magnitude: 1 };
}
