/** The tables of rotary position embedding, shared by all blocks in one file. */
import type { BundleArchitecture } from '../../language-server/inference/bundle.js';
import type { DataFile } from './data-file.js';
import type { RotaryPlaces } from './decoder-graph.js';
import { bytesOf } from './graph-builder.js';

/** Angle of pair i at position p: p / base^(2i / headSize). */
export function writeRotaryTables(
  { context, headSize, ropeBase }: BundleArchitecture,
  data: DataFile,
): RotaryPlaces {
  const half = headSize / 2;
  const angles = Float64Array.from({ length: context * half }, (_, index) => {
    const position = Math.floor(index / half);
    return position / ropeBase ** ((2 * (index % half)) / headSize);
  });
  return {
    cosines: data.append(bytesOf(Float32Array.from(angles, Math.cos))),
    sines: data.append(bytesOf(Float32Array.from(angles, Math.sin))),
  };
}
