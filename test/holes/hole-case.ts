/** One case of `test/cases/holes`: a draft with scripted probabilities, and the snippet that comes of it. */
import { offerWithHoles } from '../../language-server/completion/offer-holes.js';
import { parsesIn, trueTree } from '../../language-server/completion/suggestion-tree.js';
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
  const others = sections.filter(({ name }) => name === 'other').map((one) => one.text);
  const rules = { budget: Number(options.budget), holes: Number(options.holes) };
  const offered = offerWithHoles(
    language,
    { before, after },
    { text, draft: { text, tokens }, others },
    rules,
  );
  if (offered.kind === 'nothing') return `(${offered.why})`;
  const { snippet, program, tree } = offered;
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

/** Words and marks, each with the blanks before it. */
function tokensOf(script: string): readonly ScoredToken[] {
  const pattern = /(\s*(?:[\p{L}\p{N}_]+|[^\s⟨⟩]))(?:⟨([^⟩]+)⟩)?|\s+/gu;
  return [...script.matchAll(pattern)].map(([all, text, cost]) => ({
    text: text ?? all,
    logProb: -Number(cost ?? SURE),
  }));
}
