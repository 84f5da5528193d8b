/** Heads that `python -m models.recipe.train.exit_controller` has fitted in PyTorch: the same layout as a bundle's. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BundleDescription } from '../../language-server/inference/bundle.js';
import { outcomes } from '../../language-server/inference/exit-controller.js';
import type { Label } from './fit-controller.js';

const schema = z.looseObject({
  format: z.literal('candor-controller'),
  version: z.literal(1),
  exits: z.array(z.int().positive()).min(1),
  outcomes: z.tuple([z.literal('continue'), z.literal('exit'), z.literal('stop')]),
  positions: z.int().positive(),
  variants: z.record(z.string(), z.looseObject({ file: z.string().regex(/^[\w.-]+$/) })),
});

export interface FittedHeads {
  readonly heads: Float32Array;
  readonly exits: readonly number[];
  /** On how many positions they were fitted. */
  readonly positions: number;
}

/** @throws Error with a sentence when they are not there, damaged, or fitted for other exits than the bundle's. */
export async function readFittedHeads(
  folder: string,
  label: Label,
  { exits: ofBundle, architecture: { hidden } }: BundleDescription,
): Promise<FittedHeads> {
  const described = path.join(folder, 'controller.json');
  const { exits, positions, variants } = schema.parse(JSON.parse(await readFile(described, 'utf8')));
  const layers = ofBundle.map(({ layer }) => layer);
  if (String(exits) !== String(layers))
    throw new Error(`${described} is for exits ${exits.join(', ')}; the bundle has ${layers.join(', ')}.`);
  const variant = variants[label];
  if (!variant) throw new Error(`${described} has no heads that learnt “${label}”.`);
  const bytes = await readFile(path.join(folder, variant.file));
  const wanted = exits.length * outcomes.length * (hidden + 1) * 4;
  if (bytes.length !== wanted)
    throw new Error(`${variant.file} has ${bytes.length} bytes instead of ${wanted}.`);
  const heads = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return { heads, exits, positions };
}
