/** One case of `test/cases/holes`: a draft with scripted probabilities, and the snippet that comes of it. */
import { offerWithHoles } from '../../language-server/completion/offer-holes.js';
import { parsesIn, trueTree } from '../../language-server/completion/suggestion-tree.js';
import { withChoices } from '../../language-server/completion/with-choices.js';
import type { FromHole } from '../../language-server/holes/alternatives.js';
import type { ScoredToken } from '../../language-server/holes/character-costs.js';
import { contains } from '../../language-server/holes/containment.js';
import { readSnippet } from '../../language-server/holes/read-snippet.js';
import { plainText } from '../../language-server/holes/snippet.js';
import type { Case } from '../support/case-file.js';
import { grammarOf } from '../support/grammars.js';

/** What the model pays for a token without a mark. */
const SURE = 0.01;

/**
 * Options: `language` (name of a grammar), `holes`, `budget`. Sections: `program` with ▮ for the cursor, `model` with
 * `⟨nats⟩` after tokens that it is less sure of, `other` for further drafts, `truth`.
 */
export async function outcomeOf({ options, sections }: Case): Promise<string> {
  const section = (name: string): string | undefined => sections.find((one) => one.name === name)?.text;
  const language = await grammarOf(options.language!);
  const [before = '', after = ''] = section('program')!.split('▮');
  const tokens = tokensOf(section('model')!);
  const text = tokens.map((token) => token.text).join('');
  const others = sections.filter(({ name }) => name === 'other').map((one) => tokensOf(one.text));
  const rules = { budget: Number(options.budget), holes: Number(options.holes) };
  const around = { before, after };
  const offered = offerWithHoles(language, around, { text, draft: { text, tokens } }, rules);
  if (offered.kind === 'nothing') return `(${offered.why})`;
  const { program, tree } = offered;
  const ask = (characters: number) =>
    Promise.resolve(others.flatMap((other) => fromHole(text, characters, other)));
  const snippet = await withChoices(offered, language, around, ask);
  const shown = plainText(readSnippet(snippet)!);
  if (!parsesIn(language, { before, after }, shown)) return `${snippet}\nDOES NOT PARSE`;
  const truth = section('truth');
  const real = truth === undefined ? undefined : trueTree(language, { before, after }, truth);
  return [
    snippet,
    `kept ${program.kept} of ${program.ink}`,
    ...(real ? [contains(tree, program, real) ? 'allows the truth' : 'misses the truth'] : []),
  ].join('\n');
}

/** What a draft goes on with behind so much of the first one; nothing if it begins otherwise. */
function fromHole(text: string, characters: number, other: readonly ScoredToken[]): readonly FromHole[] {
  const whole = other.map((token) => token.text).join('');
  if (!whole.startsWith(text.slice(0, characters))) return [];
  let at = 0;
  const tokens = other.flatMap((token) => {
    const left = token.text.slice(Math.max(characters - at, 0));
    at += token.text.length;
    return left === '' ? [] : [{ ...token, text: left }];
  });
  return [{ text: whole.slice(characters), tokens }];
}

/** Words and marks, each with the blanks before it. */
function tokensOf(script: string): readonly ScoredToken[] {
  const pattern = /(\s*(?:[\p{L}\p{N}_]+|[^\s⟨⟩]))(?:⟨([^⟩]+)⟩)?|\s+/gu;
  return [...script.matchAll(pattern)].map(([all, text, cost]) => ({
    text: text ?? all,
    logProb: -Number(cost ?? SURE),
  }));
}
