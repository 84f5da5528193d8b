/** What use has taught about promises: a budget for each that moves with what people keep and change, kept on disk. */
import path from 'node:path';
import type { CalibratedPromise } from '../holes/calibration-file.js';
import { budgetInUse, hasDrifted, learn, rulesFor, startDrift, type Drift } from '../holes/drift.js';
import { forgetLearning, loadLearning, saveLearning, type LearnedEntry } from '../holes/drift-store.js';
import type { Fate } from './aftermath.js';

export const learnedName = 'learned.json';

/** A calibrated promise in one workspace. */
export interface LearnedAbout {
  /** Where the workspace's calibration and learning are kept. */
  readonly home: string;
  readonly bundle: string;
  readonly pipeline: string;
  readonly promise: CalibratedPromise & { readonly budget: number };
}

export interface LearningServices {
  readonly log: (line: string) => void;
  /** Takes what the user should know. */
  readonly warn: (sentence: string) => void;
}

/** Owner of what was learned. Never rejects: what cannot be read or written is told, and learning goes on in memory. */
export class Learning {
  private readonly loading = new Map<string, Promise<void>>();
  private readonly entries = new Map<string, readonly LearnedEntry[]>();
  /** Promises that the user was told no longer hold. */
  private readonly warned = new Set<string>();
  private saving: Promise<unknown> = Promise.resolve();

  constructor(private readonly services: LearningServices) {}

  /** Nats, no more than were calibrated; 0: too much was wrong of late for anything to be shown. */
  async budget(about: LearnedAbout): Promise<number> {
    const entry = (await this.in(about.home)).find((one) => isAbout(one, about));
    return entry ? budgetInUse(driftOf(entry)) : about.promise.budget;
  }

  async learn(about: LearnedAbout, fate: Fate): Promise<void> {
    const { home, promise } = about;
    await this.in(home);
    // From here to \`put\` nothing is awaited, so that two lessons at once are both learned.
    const all = this.entries.get(home)!;
    const known = all.find((one) => isAbout(one, about));
    const rules = rulesFor(promise);
    const before = known ? driftOf(known) : startDrift(promise.budget, rules);
    const missed = fate === 'changed' || fate === 'rejected';
    const drift = learn(before, missed, rules);
    const entry = withFate(entryOf(about, drift, known), fate);
    this.put(home, [...all.filter((one) => one !== known), entry]);
    const { language, epsilon } = promise;
    const wrong = drift.recent.filter(Boolean).length;
    this.services.log(
      `learned from use: ${language}, ε = ${epsilon}: ${fate}; ${wrong} of the last ${drift.recent.length} wrong, budget ${budgetInUse(drift).toFixed(3)}`,
    );
    const key = JSON.stringify([home, entry.language, epsilon, entry.holes]);
    if (hasDrifted(drift, rules) && !this.warned.has(key)) {
      this.warned.add(key);
      this.services.warn(
        `Of the last ${drift.recent.length} places in ${language}, suggestions were wrong outside their holes at ${wrong}: ` +
          `more than ε = ${epsilon} allows. The promise does not hold here any more: calibrate again.`,
      );
    }
  }

  /** All that was learned about a workspace. */
  learned(home: string): Promise<readonly LearnedEntry[]> {
    return this.in(home);
  }

  async forget(home: string): Promise<void> {
    await this.in(home);
    this.entries.set(home, []);
    await this.saved(() => forgetLearning(fileOf(home)));
  }

  /** Resolves when all is on disk. */
  async settled(): Promise<void> {
    await this.saving;
  }

  private async in(home: string): Promise<readonly LearnedEntry[]> {
    const loading = this.loading.get(home) ?? this.load(home);
    this.loading.set(home, loading);
    await loading;
    return this.entries.get(home)!;
  }

  private async load(home: string): Promise<void> {
    const loaded = await loadLearning(fileOf(home)).catch((error: unknown) => {
      this.services.warn(`What was learned from use cannot be read: ${String(error)}.`);
      return { kind: 'learned', learned: [] } as const;
    });
    this.entries.set(home, loaded.kind === 'learned' ? loaded.learned : []);
    if (loaded.kind === 'damaged') {
      this.services.warn(
        `What was learned from use was damaged. It was moved to ${loaded.movedTo}, and learning begins anew.`,
      );
    }
  }

  private put(home: string, entries: readonly LearnedEntry[]): void {
    this.entries.set(home, entries);
    void this.saved(() => saveLearning(fileOf(home), entries));
  }

  /** One after the other, so that the last word is the last on disk. */
  private saved(save: () => Promise<void>): Promise<unknown> {
    this.saving = this.saving.then(save).catch((error: unknown) => {
      this.services.log(`What was learned from use cannot be kept: ${String(error)}.`);
    });
    return this.saving;
  }
}

function fileOf(home: string): string {
  return path.join(home, learnedName);
}

/** A promise with another budget is another one: it was calibrated anew. */
function isAbout(entry: LearnedEntry, { bundle, pipeline, promise }: LearnedAbout): boolean {
  return (
    entry.bundle === bundle &&
    entry.pipeline === pipeline &&
    entry.language === promise.language &&
    entry.grammar === promise.grammar &&
    entry.epsilon === promise.epsilon &&
    entry.holes === promise.holes &&
    entry.calibrated === promise.budget
  );
}

export function driftOf({ epsilon, calibrated, logBudget, recent, judged, missed }: LearnedEntry): Drift {
  const { lowest } = rulesFor({ epsilon, budget: calibrated });
  const budget = logBudget < Math.log(lowest) ? 0 : Math.exp(logBudget);
  return { budget, logBudget, recent: Array.from(recent, (one) => one === '1'), judged, missed };
}

function entryOf(
  { bundle, pipeline, promise }: LearnedAbout,
  { logBudget, recent, judged, missed }: Drift,
  known: LearnedEntry | undefined,
): LearnedEntry {
  const { language, grammar, epsilon, holes, budget: calibrated } = promise;
  const { kept, changed, rejected, silent } = known ?? { kept: 0, changed: 0, rejected: 0, silent: 0 };
  const flags = recent.map((one) => (one ? '1' : '0')).join('');
  const state = { calibrated, logBudget, recent: flags, judged, missed };
  return { bundle, pipeline, language, grammar, epsilon, holes, ...state, kept, changed, rejected, silent };
}

function withFate(entry: LearnedEntry, fate: Fate): LearnedEntry {
  // Written by hand as it was suggested: as good as kept.
  const name = fate === 'written' ? 'kept' : fate;
  return { ...entry, [name]: entry[name] + 1 };
}
