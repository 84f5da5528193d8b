/** `--exits POLICY`: when tokens may leave the network early, as text. */
import type { ExitChoice } from '../language-server/inference/exit-policies.js';
import type { SkippedLayers } from '../language-server/inference/model.js';
import { WrongArguments } from './wrong-arguments.js';

const form =
  'full, controller, controller:P, controller:P:STOP, entropy:NATS or margin:P, with ,propagated behind it if wanted';

/** @throws WrongArguments when it is none of these. */
export function readExitChoice(text: string): ExitChoice {
  const wrong = () => new WrongArguments(`--exits needs ${form}, not ${JSON.stringify(text)}.`);
  const [policy = '', skipped, ...rest] = text.split(',');
  if (rest.length > 0) throw wrong();
  const how = skipped === undefined ? {} : { skipped: skippedLayers(skipped, wrong) };
  const [rule = '', ...numbers] = policy.split(':');
  const values = numbers.map((one) => (one.trim() === '' ? NaN : Number(one)));
  if (values.some((value) => !(0 <= value))) throw wrong();
  const [at, stopAt] = values;
  switch (rule) {
    case 'full':
      if (values.length > 0) throw wrong();
      return { rule, ...how };
    case 'controller':
      if (values.length > 2) throw wrong();
      return { rule, ...how, ...(at !== undefined && { at }), ...(stopAt !== undefined && { stopAt }) };
    case 'entropy':
    case 'margin':
      if (at === undefined || values.length > 1) throw wrong();
      return { rule, ...how, at };
    default:
      throw wrong();
  }
}

function skippedLayers(text: string, wrong: () => Error): SkippedLayers {
  if (text !== 'filled' && text !== 'propagated') throw wrong();
  return text;
}
