/** Diagnostics as the older TypeScript server has them, in LSP's form. */
import { z } from 'zod';

const place = z.object({ line: z.int().positive(), offset: z.int().positive() });
const answer = z.object({
  body: z.array(
    z.object({
      start: place,
      end: place,
      text: z.string(),
      code: z.int().optional(),
      category: z.string().optional(),
    }),
  ),
});

const severities: Readonly<Record<string, number>> = { error: 1, warning: 2, suggestion: 4, message: 3 };

/** Both count from 1 there, and from 0 in LSP. */
export function inLspForm(value: unknown): unknown {
  const read = answer.safeParse(value);
  if (!read.success) return undefined;
  return read.data.body.map(({ start, end, text, code, category = 'error' }) => ({
    range: { start: fromOne(start), end: fromOne(end) },
    severity: severities[category] ?? 1,
    message: text,
    code,
  }));
}

function fromOne({ line, offset }: z.infer<typeof place>): { line: number; character: number } {
  return { line: line - 1, character: offset - 1 };
}
