/** Keeps what became of suggestions on this machine: one line each, with no text in it. Damage is set aside. */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { localOdds, MOST_JUDGEMENTS, type Judgement, type LocalOdds } from './local-odds.js';

const line = z.strictObject({ odds: z.number(), accepted: z.boolean() });

export const judgementsName = 'judgements.jsonl';

/** Owner of the file. Several servers may append to it at once; each line is written whole. */
export class Judgements {
  private known: readonly Judgement[] = [];
  private fitted: LocalOdds | undefined;
  private writing: Promise<void> = Promise.resolve();

  /** `complain` hears one sentence about a file that is damaged or cannot be written. */
  constructor(
    private readonly folder: string,
    private readonly complain: (problem: string) => void,
  ) {}

  get file(): string {
    return path.join(this.folder, judgementsName);
  }

  get all(): readonly Judgement[] {
    return this.known;
  }

  get odds(): LocalOdds | undefined {
    return this.fitted;
  }

  /** Reads what is there. Lines that make no sense send the whole file aside: half of it would tilt the rest. */
  async load(): Promise<void> {
    const text = await readFile(this.file, 'utf8').catch(() => '');
    const read = text
      .split('\n')
      .filter((one) => one !== '')
      .map(parseLine);
    const good = read.filter((one) => one !== undefined);
    if (good.length < read.length) {
      const aside = `${this.file}.damaged-${Date.now()}`;
      await rename(this.file, aside).catch(() => undefined);
      this.complain(`What was learnt from suggestions could not be read; it was moved to ${aside}.`);
      return;
    }
    this.use(good.slice(-MOST_JUDGEMENTS));
    if (good.length > 2 * MOST_JUDGEMENTS) await this.rewrite();
  }

  note(judgement: Judgement): void {
    if (!Number.isFinite(judgement.odds)) return;
    this.use([...this.known, judgement].slice(-MOST_JUDGEMENTS));
    this.writing = this.writing.then(async () => {
      await mkdir(this.folder, { recursive: true });
      await appendFile(this.file, `${JSON.stringify(judgement)}\n`);
    });
    this.writing = this.writing.catch((error: unknown) => {
      this.complain(`What was learnt from suggestions cannot be kept in ${this.file}: ${String(error)}`);
    });
  }

  async forget(): Promise<void> {
    await this.settled();
    await rm(this.file, { force: true });
    this.use([]);
  }

  /** Until all that was noted is on the disk. */
  settled(): Promise<void> {
    return this.writing;
  }

  private use(judgements: readonly Judgement[]): void {
    this.known = judgements;
    this.fitted = localOdds(judgements);
  }

  private async rewrite(): Promise<void> {
    const text = this.known.map((one) => `${JSON.stringify(one)}\n`).join('');
    await writeFile(`${this.file}.new`, text);
    await rename(`${this.file}.new`, this.file);
  }
}

function parseLine(text: string): Judgement | undefined {
  try {
    const read = line.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
