/** Drafts of which filters dropped the last lines: what is left has to join with the text after the cursor too. */
import type { Written } from '../decoding/write-request.js';
import { isBlank } from './filters/filter.js';
import { silence, type Silence } from './silence.js';

/** The most lines of `kept`, which is a draft's text or its first lines, that join; all of them where nobody judged it. */
export function cutToJoin(kept: string, { text, joins }: Written): string | Silence {
  const lines = kept.split('\n');
  const whole = text.trimEnd().split(/\r\n?|\n/).length;
  if (joins === undefined || whole <= lines.length || joins.includes(lines.length)) return kept;
  const most = Math.max(0, ...joins.filter((count) => count < lines.length));
  const cut = lines.slice(0, most).join('\n').trimEnd();
  if (!isBlank(cut)) return cut;
  return silence('repeats', 'What is not repetition would not join with the text after the cursor.');
}
