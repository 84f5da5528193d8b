/** What the monitors know of the truth at a place: whether they asked, and whether the truth may stand. */
import { refuser } from '../../../language-server/constraints/constraint.js';
import { Answers, type Ask } from '../../../language-server/decoding/answers.js';
import { monitorsFor } from '../../../language-server/monitors/monitors-for.js';
import {
  isNames,
  isSignatures,
  questionAt,
  type Answer,
  type ProgramQuestion,
} from '../../../language-server/monitors/questions.js';
import type { MonitorPlace } from './places.js';

export interface Oracle {
  /** Names, or signatures, that the server knows at the place; a place without any is no case. */
  readonly candidates: number;
  /** Whether a monitor asked about the name. */
  readonly triggered: boolean;
  /** Why a name was not judged, where it was not. */
  readonly abstained?: string;
  /** Who would refuse the true text, if anybody. */
  readonly refusedBy?: string;
}

const LONGEST_WAIT_MS = 20_000;

export async function consult(
  place: MonitorPlace,
  ask: (question: ProgramQuestion) => Promise<Answer>,
): Promise<Oracle> {
  const { kind, before, after, typed, file } = place;
  const direct = await ask(questionAt(kind, { written: '', back: typed.length, closers: '' }));
  const heard: Answer[] = [];
  const watch: Ask = async (question) => {
    const asked = question as ProgramQuestion;
    const answer = await ask(asked);
    if (asked.kind === kind && asked.written === '' && asked.back === typed.length) {
      heard.push(answer);
    }
    return answer;
  };
  const answers = new Answers({ ask: watch, deadlineMs: LONGEST_WAIT_MS, trace: () => undefined });
  const start = monitorsFor({ languageId: file.languageId, before, after, lead: '' });
  let constraint = start;
  let refusedBy: string | undefined;
  // One character beyond the name shows whether the name may end.
  for (const unit of ['', ...truth(place)]) {
    const next = constraint.after(unit);
    if (!next) {
      refusedBy = refuser(constraint, unit).name;
      break;
    }
    const settled = await answers.settle(next, 0);
    if ('refusedBy' in settled) {
      refusedBy = settled.refusedBy.name;
      break;
    }
    constraint = settled.allowed;
  }
  const [own] = heard;
  const triggered = heard.length > 0;
  const abstained = triggered ? whyUnjudged(own) : (start.abstains ?? 'not asked');
  const known = triggered ? best(direct, own) : direct;
  return {
    candidates: candidatesOf(known),
    triggered,
    ...(abstained !== undefined && { abstained }),
    ...(refusedBy !== undefined && { refusedBy }),
  };
}

function truth({ name, expected }: MonitorPlace): readonly string[] {
  return expected.slice(0, name.length + 1).split('');
}

/** The monitor's own question names the brackets that are open, which may bring more. */
function best(direct: Answer, heard: Answer): Answer {
  return candidatesOf(heard) > candidatesOf(direct) ? heard : direct;
}

function candidatesOf(answer: Answer): number {
  if (isNames(answer)) return answer.names.length;
  return isSignatures(answer) ? answer.signatures.length : 0;
}

function whyUnjudged(answer: Answer): string | undefined {
  if (answer === undefined) return 'no answer';
  if ('unknown' in answer) return answer.unknown;
  if ('complete' in answer && !answer.complete) return 'incomplete';
  return candidatesOf(answer) === 0 ? 'empty' : undefined;
}
