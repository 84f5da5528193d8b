/**
 * What is remembered of devices: one file on this machine, an entry for each machine, driver, bundle and version.
 *
 * It also counts starts on a device that ended early. Where a driver takes the whole server down, the count is what the
 * next server learns it from.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { cpus, hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Adapter } from './adapters.js';
import { DEVICES, platformHere } from './device.js';
import type { Verdict } from './run-probe.js';

const explained = z.object({ problem: z.string(), remedy: z.string() });
const speed = z.object({ prompt1000Ms: z.number(), tokenMs: z.number() });
const plan = z.object({
  device: z.enum(DEVICES),
  grouped: z.enum(['float32', 'float16']).exactOptional(),
  chunkTokens: z.int().positive().exactOptional(),
  mostTokens: z.int().positive().exactOptional(),
});
const verdict = z.object({
  device: z.enum(DEVICES),
  plan: plan.exactOptional(),
  failure: explained.exactOptional(),
  logitError: z.number().exactOptional(),
  speed: speed.exactOptional(),
  processor: speed.exactOptional(),
  details: z.array(z.string()),
});
const entry = z.object({ verdicts: z.array(verdict), earlyEnds: z.int().nonnegative() });
const file = z.record(z.string(), entry);
type Entry = z.infer<typeof entry>;

const nothing: Entry = { verdicts: [], earlyEnds: 0 };

/** A server that ends within this many milliseconds of its start on a device may have been taken down by it. */
export const EARLY_MS = 60_000;

export class VerdictStore {
  /** `folder` is made when something is to be kept. */
  constructor(private readonly folder: string) {}

  private get path(): string {
    return path.join(this.folder, 'devices.json');
  }

  /** What is known under a key; nothing when the file is missing, damaged or of another version. */
  async read(key: string): Promise<Entry> {
    return (await this.all())[key] ?? nothing;
  }

  async keep(key: string, verdicts: readonly Verdict[]): Promise<void> {
    await this.change(key, (known) => ({
      earlyEnds: 0,
      verdicts: [
        ...known.verdicts.filter((old) => verdicts.every(({ device }) => device !== old.device)),
        ...verdicts.map((one) => verdict.parse(one)),
      ],
    }));
  }

  /** Counts a start on a device. `ended` says that it went well, or has lasted: the count begins anew. */
  async countStart(key: string): Promise<void> {
    await this.change(key, (known) => ({ ...known, earlyEnds: known.earlyEnds + 1 }));
  }

  async ended(key: string): Promise<void> {
    await this.change(key, (known) => ({ ...known, earlyEnds: 0 }));
  }

  private async change(key: string, to: (known: Entry) => Entry): Promise<void> {
    const all = await this.all();
    const text = `${JSON.stringify({ ...all, [key]: to(all[key] ?? nothing) }, null, 2)}\n`;
    await mkdir(this.folder, { recursive: true });
    // Several windows may write at once: the last one wins, and nobody reads half a file.
    const temporary = `${this.path}.${process.pid}.tmp`;
    await writeFile(temporary, text);
    await rename(temporary, this.path);
  }

  private async all(): Promise<Record<string, Entry>> {
    try {
      return file.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch {
      return {};
    }
  }
}

/** What a verdict holds for: this machine with these adapters and drivers, this bundle, this Candor. */
export function verdictKey(
  adapters: readonly Adapter[],
  drivers: readonly string[],
  bundle: { readonly name: string; readonly files: readonly { readonly sha256: string }[] },
  threads: number,
): string {
  const cards = adapters.map(({ name, driver }) => [name, driver]);
  const weights = bundle.files.map(({ sha256 }) => sha256);
  const machine = [platformHere, hostname(), cpus()[0]?.model ?? ''];
  const parts = [VERSION, machine, cards, drivers, bundle.name, weights, threads];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Changes when the graphs, the probe or ONNX Runtime change what a verdict means. */
const VERSION = 1;
