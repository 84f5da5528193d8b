/** The stop model of a bundle: from features to the chance that a text is what the author would write. */
import { z } from 'zod';
import { featureNames } from './features.js';
import type { Logistic } from './logistic.js';

const numbers = z.array(z.number());

const schema = z.strictObject({
  format: z.literal('candor-stop'),
  version: z.literal(1),
  features: z.array(z.string()),
  means: numbers,
  scales: numbers,
  weights: numbers,
  offset: z.number(),
  /** What it was fitted on: places at which a suggestion was written, and tokens of these. */
  places: z.int().positive(),
  tokens: z.int().positive(),
  /** Share of the tokens up to which the text was what the author wrote. */
  right: z.number().min(0).max(1),
});

export type StopModel = z.infer<typeof schema> & Logistic;

/** The model that the text of a file describes; or why it cannot be used, in words. */
export function readStopModel(text: string): StopModel | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'the stop model is not JSON';
  }
  const read = schema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `the stop model is invalid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
  }
  const model = read.data;
  const agrees =
    model.features.length === featureNames.length &&
    model.features.every((name, at) => name === featureNames[at]);
  if (!agrees) return 'the stop model was fitted by another version of Candor: fit it again';
  if ([model.means, model.scales, model.weights].some((list) => list.length !== featureNames.length))
    return 'the stop model is invalid: it has not one number for each feature';
  return model;
}
