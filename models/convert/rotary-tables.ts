/** The tables of rotary position embedding, shared by all blocks in one file. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import type { DataFile } from './data-file.js';
import type { RotaryPlaces } from './decoder-graph.js';
import { bytesOf } from './graph-builder.js';
import type { RotaryScaling } from './model-source.js';

/** Angle of pair i at position p: p / base^(2i / headSize), divided by what the model's scaling says. */
export function writeRotaryTables(
  { context, headSize, ropeBase }: BundleArchitecture,
  scaling: RotaryScaling | undefined,
  data: DataFile,
): RotaryPlaces {
  const half = headSize / 2;
  const angles = Float64Array.from({ length: context * half }, (_, index) => {
    const position = Math.floor(index / half);
    const pair = index % half;
    return position / ropeBase ** ((2 * pair) / headSize) / (scaling?.divisors[pair] ?? 1);
  });
  const magnitude = scaling?.magnitude ?? 1;
  return {
    cosines: data.append(bytesOf(Float32Array.from(angles, (angle) => magnitude * Math.cos(angle)))),
    sines: data.append(bytesOf(Float32Array.from(angles, (angle) => magnitude * Math.sin(angle)))),
  };
}
