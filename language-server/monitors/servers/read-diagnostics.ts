/** Diagnostics as servers send them, checked: what makes no sense is left out. */
import { z } from 'zod';

const position = z.object({ line: z.int().nonnegative(), character: z.int().nonnegative() });
const diagnostic = z.object({
  range: z.object({ start: position, end: position }),
  severity: z.int().min(1).max(4).optional(),
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string(),
});

export type ServerDiagnostic = z.infer<typeof diagnostic>;

/** LSP's `DiagnosticSeverity.Error`, and what counts where a server names none. */
export const ERROR = 1;
export const WARNING = 2;

/** Nobody can read more; what is beyond makes no difference to whether a draft is clean. */
const MOST = 2_000;

export function readDiagnostics(value: unknown): readonly ServerDiagnostic[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST).flatMap((item) => {
    const read = diagnostic.safeParse(item);
    return read.success ? [read.data] : [];
  });
}
