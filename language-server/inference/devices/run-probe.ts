/** Starts the probe in a process of its own, and turns whatever becomes of it into a verdict in words. */
import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { deviceNames, type ModelPlan, type Device } from './device.js';
import { explainFailure, type Explained } from './explain-failure.js';
import type { ProbeOrder, ProbeResult, Speed } from './probe.js';

/** What is known of a device with a bundle on this machine. */
export interface Verdict {
  readonly device: Device;
  /** How to run the model there; undefined when it does not run. */
  readonly plan?: ModelPlan;
  readonly failure?: Explained;
  readonly logitError?: number;
  readonly speed?: Speed;
  readonly processor?: Speed;
  /** What the runtime said, for the report. */
  readonly details: readonly string[];
}

/** What the probe's process sends to its parent. */
export type ProbeMessage =
  | { readonly kind: 'result'; readonly result: ProbeResult }
  | { readonly kind: 'failed'; readonly message: string };

export interface ProbeRun {
  /** The built `probe.mjs`, or another script in its place. */
  readonly script: string;
  readonly limitMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Building the kernels of a whole model for the first time takes a while on some drivers. */
const LIMIT_MS = 180_000;

/** Never rejects: a probe that dies, hangs or says nothing is a verdict too. */
export function runProbe(order: ProbeOrder, run: ProbeRun): Promise<Verdict> {
  const { device } = order;
  const limitMs = run.limitMs ?? LIMIT_MS;
  return new Promise((resolve) => {
    const errors: string[] = [];
    let message: ProbeMessage | undefined;
    const child = fork(run.script, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...run.environment },
      // Debugger flags of ours would make the child wait for a port that is taken.
      execArgv: [],
      ...(run.signal && { signal: run.signal }),
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    child.on('message', (value) => {
      message = value as ProbeMessage;
    });
    child.on('error', (error) => {
      finish(failed(`the process could not be started (${error.message})`));
    });
    child.on('close', (code, signal) => {
      if (message?.kind === 'result') finish(verdictOf(device, message.result));
      else if (message)
        finish({ device, failure: explainFailure(device, causeOf(message.message)), details: lines() });
      else if (signal === 'SIGKILL' && !child.connected)
        finish(failed(`it was not done after ${Math.round(limitMs / 1000)} seconds, or was killed`));
      else finish(failed(`its process ended with ${signal ?? `exit code ${code ?? 'unknown'}`}`));
    });
    lower(child.pid);
    child.send(order, (error) => {
      if (error) errors.push(error.message);
    });

    function lines(): readonly string[] {
      return errors
        .join('')
        .split('\n')
        .map(plain)
        .filter((line) => line !== '')
        .slice(-20);
    }
    /** Which library is missing is told to the log alone. */
    function causeOf(said: string): string {
      return /failed to load shared library/i.test(said) ? [said, ...lines()].join('\n') : said;
    }
    function failed(how: string): Verdict {
      const problem = `The test of ${deviceNames[device]} failed: ${how}.`;
      return {
        device,
        failure: { problem, remedy: 'Update the graphics driver, or keep to the CPU.' },
        details: lines(),
      };
    }
    function finish(verdict: Verdict): void {
      clearTimeout(timer);
      resolve(verdict);
    }
  });
}

function verdictOf(device: Device, result: ProbeResult): Verdict {
  const { plan, logitError, speed, processor, failures } = result;
  const held = {
    ...(logitError !== undefined && { logitError }),
    ...(processor && { processor }),
    details: failures,
  };
  if (plan && speed) return { device, plan, speed, ...held };
  const wrong = failures.find((failure) => failure.includes('wrong logits'));
  const failure = wrong
    ? {
        problem: `${deviceNames[device]} computes wrongly on this adapter (${wrong}).`,
        remedy: 'Update the graphics driver.',
      }
    : explainFailure(device, failures.at(-1)?.replace(/^[^:]*: /, '') ?? '');
  return { device, failure, ...held };
}

/** The user's typing comes first. */
function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not every system allows it, and nothing depends on it.
  }
}

/** Without the colours of terminals. */
function plain(line: string): string {
  return line.replace(/\u001b\[[\d;]*m/g, '').trim();
}
