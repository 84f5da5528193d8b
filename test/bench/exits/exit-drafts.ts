/** Self-speculation: what an early exit as drafter saves, and whether it writes the same; see self-speculation.ts. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from '../../../language-server/inference/bundle.js';
import { readController } from '../../../language-server/inference/exit-controller.js';
import { loadNetwork } from '../../../language-server/inference/network.js';
import { startRuntime } from '../../../language-server/inference/onnx-session.js';
import { readTokenizer } from '../../../language-server/tokens/tokenizer.js';
import type { Cut } from '../cases.js';
import { spentOn } from '../spent.js';
import { Speculating, type Speculation } from './self-speculation.js';
import type { TwoWays } from './two-ways.js';

const PROMPT_TOKENS = 128;
const WRITTEN_TOKENS = 24;

/** What drafts: the deepest exit but the last, as long as the controller gives it at least even chances. */
const MOST = 4;
const LEAST = 0.5;

export interface ExitDraftsEngine {
  readonly measure: (cut: Cut, isPlainFirst: boolean) => Promise<TwoWays>;
  readonly close: () => Promise<void>;
}

/** @throws Error when the bundle has nothing to draft with, or `judge` no controller to say when. */
export async function openExitDrafts(
  bundle: Bundle,
  judge: Bundle,
  threads: number,
): Promise<ExitDraftsEngine> {
  const controller = await readController(judge);
  if (!controller)
    throw new Error(`${judge.folder} has no controller: name a bundle that has with --controller.`);
  if (bundle.exits.length < 2) throw new Error(`${bundle.folder} has no exit before full depth.`);
  const file = path.join(bundle.folder, bundle.tokenizer.file);
  const tokenizer = readTokenizer(await readFile(file, 'utf8'), bundle.tokenizer.endOfText);
  const network = await loadNetwork(bundle, await startRuntime(threads), () => undefined);
  const speculating = new Speculating(network, controller);
  const speculation: Speculation = { exit: bundle.exits.at(-2)!.layer, most: MOST, least: LEAST };
  return {
    async measure(cut, isPlainFirst) {
      const prompt = tokenizer.encode(cut.before).slice(-PROMPT_TOKENS);
      await speculating.read(prompt, WRITTEN_TOKENS + MOST);
      const last = prompt.at(-1)!;
      const plainly = () => spentOn(() => speculating.plain(last, WRITTEN_TOKENS));
      const before = isPlainFirst ? await plainly() : undefined;
      const [other, speculative] = await spentOn(() =>
        speculating.speculative(last, WRITTEN_TOKENS, speculation),
      );
      const [expected, plain] = before ?? (await plainly());
      return { plain, speculative, identical: expected.join() === other.join() };
    },
    close: () => network.release(),
  };
}
