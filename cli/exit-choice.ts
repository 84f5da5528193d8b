/** `--exits POLICY`: when tokens may leave the network early, as text. */
import type { ExitChoice } from '../language-server/inference/exit-policies.js';
import { WrongArguments } from './wrong-arguments.js';

const form =
  'full, controller, controller:P, controller:P:STOP, entropy:NATS or margin:P; all but full also with ,propagated';

const PROPAGATED = ',propagated';

/** @throws WrongArguments when it is none of these. */
export function readExitChoice(text: string): ExitChoice {
  const wrong = () => new WrongArguments(`--exits needs ${form}, not ${JSON.stringify(text)}.`);
  if (text.endsWith(PROPAGATED)) {
    const choice = readRule(text.slice(0, -PROPAGATED.length), wrong);
    if (choice.rule === 'full') throw wrong();
    return { ...choice, skipped: 'propagated' };
  }
  return readRule(text, wrong);
}

function readRule(text: string, wrong: () => WrongArguments): ExitChoice {
  const [rule = '', ...numbers] = text.split(':');
  const values = numbers.map((one) => (one.trim() === '' ? NaN : Number(one)));
  if (values.some((value) => !(0 <= value))) throw wrong();
  const [at, stopAt] = values;
  switch (rule) {
    case 'full':
      if (values.length > 0) throw wrong();
      return { rule };
    case 'controller':
      if (values.length > 2) throw wrong();
      return { rule, ...(at !== undefined && { at }), ...(stopAt !== undefined && { stopAt }) };
    case 'entropy':
    case 'margin':
      if (at === undefined || values.length > 1) throw wrong();
      return { rule, at };
    default:
      throw wrong();
  }
}
