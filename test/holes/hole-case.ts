/** One case of `test/cases/holes`: a draft with scripted probabilities, and the snippet that comes of it. */
import { parsesIn, suggestionTree, trueTree } from '../../language-server/completion/suggestion-tree.js';
import { alternativesOf } from '../../language-server/holes/alternatives.js';
import type { ScoredToken } from '../../language-server/holes/character-costs.js';
import { contains } from '../../language-server/holes/containment.js';
import { holePlaces } from '../../language-server/holes/hole-places.js';
import { namesIn } from '../../language-server/holes/mirrors.js';
import { partialProgram } from '../../language-server/holes/partial-program.js';
import { placeholdersOf } from '../../language-server/holes/placeholders.js';
import { plainText, snippetOf } from '../../language-server/holes/snippet.js';
import { readSnippet } from '../../language-server/holes/read-snippet.js';
import { tradeOff, within } from '../../language-server/holes/trade-off.js';
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
  const tree = suggestionTree(language, { before, after }, text, { text, tokens });
  if (typeof tree === 'string') return `(${tree})`;
  const bargain = within(
    tradeOff(tree, holePlaces(tree, 'both'), Number(options.holes)),
    Number(options.budget),
  );
  if (!bargain) throw new Error('There is always the bargain that keeps nothing.');
  const program = partialProgram(tree, bargain, namesIn(before));
  const others = sections.filter(({ name }) => name === 'other').map((one) => one.text);
  const placeholders = placeholdersOf(program, (filled) => parsesIn(language, { before, after }, filled));
  const snippet = snippetOf(program, placeholders, alternativesOf(program, others));
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
