/** In which ways a call may be made: the server's signature help, read parameter by parameter. */
import { z } from 'zod';
import type { Parameter, Signature, Signatures, Unknown } from '../questions.js';
import { textWith, type AskedPlace } from './asked-place.js';
import type { ServerSession } from './server-session.js';

const help = z.object({
  signatures: z.array(
    z.object({
      label: z.string(),
      parameters: z.array(z.object({ label: z.union([z.string(), z.tuple([z.int(), z.int()])]) })).optional(),
    }),
  ),
});

export async function askSignatures(
  place: AskedPlace,
  session: ServerSession,
): Promise<Signatures | Unknown> {
  if (!session.capabilities.signatures) return { unknown: 'the server knows no signatures' };
  for (const end of place.closers === '' ? [''] : ['', place.closers]) {
    const closed = { ...place, after: end + place.after };
    const answer = await session.at('signatureHelp', textWith(closed, ''), place.before.length);
    const read = help.safeParse(answer);
    if (!read.success || read.data.signatures.length === 0) continue;
    const lax = session.row.laxCalls?.includes(place.languageId) ?? false;
    return { signatures: read.data.signatures.map(signatureOf), complete: !lax };
  }
  return { unknown: 'the server knows no signature here' };
}

type Described = z.infer<typeof help>['signatures'][number];

function signatureOf({ label, parameters = [] }: Described): Signature {
  const texts = parameters.map(({ label: part }) => (typeof part === 'string' ? part : label.slice(...part)));
  return { parameters: parametersOf(texts) };
}

/**
 * Parameters by how they are written: `name?: type`, `name: type = value`, `...rest`, `*rest`, `**keywords`; and
 * Python's signs `/`, after which what came before goes by position only, and `*`, from which on all goes by name.
 */
export function parametersOf(texts: readonly string[]): readonly Parameter[] {
  const parameters: Parameter[] = [];
  let byName = false;
  for (const text of texts.map((part) => part.trim())) {
    if (text === '/') {
      parameters.forEach((known, at) => (parameters[at] = { ...known, only: 'position' }));
    } else if (text === '*') {
      byName = true;
    } else {
      const [, stars = '', name = '', mark = ''] = /^(\.{3}|\*{0,2})([\p{L}\p{N}_$]*)(\??)/u.exec(text) ?? [];
      const rest = stars === '**' ? ('name' as const) : stars === '' ? undefined : ('position' as const);
      const optional = rest !== undefined || mark === '?' || /(?<![=!<>])=(?![=>])/.test(text);
      parameters.push({
        name,
        optional,
        ...(rest && { rest }),
        ...(byName && rest === undefined && { only: 'name' as const }),
      });
      if (stars === '*') byName = true;
    }
  }
  return parameters;
}
