/** Calibrates the exits of a user's own model on their code: whether, and from when on, tokens leave it early. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { readBundle } from '../../language-server/inference/bundle.js';
import { loadOnnxModel } from '../../language-server/inference/onnx-model.js';
import { readTokenizer } from '../../language-server/tokens/tokenizer.js';
import { addToBundle } from './add-to-bundle.js';
import { fitController } from './fit-controller.js';
import { judgeController, type Judged } from './judge-controller.js';
import { observe, type Observed } from './observe-corpus.js';

export interface CalibrateExits {
  /** Folder of the bundle, which gets the controller. */
  readonly bundle: string;
  /** Source files; some are learnt from, others judge. */
  readonly files: readonly string[];
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

export interface CalibratedExits {
  /** From which chance on tokens leave early; null: early exit stays off. */
  readonly exitAt: number | null;
  /** What was found, as a paragraph. */
  readonly summary: string;
}

/** This code is too little, or of a kind that cannot be read. The message says so. */
export class TooLittleCode extends Error {
  override readonly name = 'TooLittleCode';
}

/** Positions to learn from; to choose the threshold by; and, untouched by either, to check it on. */
const POSITIONS = { learn: 2000, choose: 800, check: 800 } as const;
/** Fewer say nothing about shares of a per cent. */
const LEAST_POSITIONS = 250;
/** Leaving early may change one token in a hundred, and must save this share of the layers. */
const LEAST_AGREEMENT = 0.99;
const LEAST_SAVING = 0.02;
/** What the check must find: a little less, since the threshold was not chosen on its files. */
const LEAST_WHEN_CHECKED = 0.98;

const FILE = 'controller.bin';

/**
 * Fits a controller to what the model's own exits say of this code, and has it recommend leaving early where that
 * changes next to nothing and saves something. Without such a place the controller recommends full depth.
 * @throws TooLittleCode; BundleError when the bundle is damaged; the signal's reason when it aborts.
 */
export async function calibrateExits(request: CalibrateExits): Promise<CalibratedExits> {
  const seen = await observeParts(request);
  const heads = fitController(seen.learn, 'agreement');
  const layers = seen.learn.exits.at(-1)!;
  const { exitAt, checked } = chooseExitAt(
    judgeController(seen.choose, heads),
    judgeController(seen.check, heads),
    layers,
  );
  const controller = {
    file: FILE,
    exits: [...seen.learn.exits],
    label: 'agreement' as const,
    positions: seen.learn.truth.length,
    exitAt,
  };
  await addToBundle(request.bundle, FILE, new Uint8Array(heads.buffer), (old, file) => ({
    ...old,
    controller: { ...controller, file },
  }));
  return { exitAt, summary: inWords(exitAt, checked, layers) };
}

/** The least threshold that the choosing files allow, if the checking files do too. */
export function chooseExitAt(
  choose: Judged,
  check: Judged,
  layers: number,
): { readonly exitAt: number | null; readonly checked: Judged } {
  const chosen = choose.exitAt.find(
    (one) => LEAST_AGREEMENT <= one.agreement && one.layers <= (1 - LEAST_SAVING) * layers,
  );
  const again = check.exitAt.find((one) => one.at === chosen?.at);
  const holds = again !== undefined && LEAST_WHEN_CHECKED <= again.agreement;
  return { exitAt: holds ? again.at : null, checked: check };
}

async function observeParts({
  bundle: folder,
  files,
  onProgress,
  signal,
}: CalibrateExits): Promise<Readonly<Record<keyof typeof POSITIONS, Observed>>> {
  const bundle = await readBundle(folder);
  const tokenizerFile = path.join(folder, bundle.tokenizer.file);
  const tokenizer = readTokenizer(await readFile(tokenizerFile, 'utf8'), bundle.tokenizer.endOfText);
  const threads = Math.max(Math.floor(availableParallelism() / 2), 1);
  const model = await loadOnnxModel(bundle, { threads });
  const total = Object.values(POSITIONS).reduce((sum, count) => sum + count, 0);
  let before = 0;
  const part = async (which: keyof typeof POSITIONS): Promise<Observed> => {
    const own = files.filter((_, index) => TURNS[index % TURNS.length] === which);
    const most = POSITIONS[which];
    const width = bundle.architecture.hidden;
    const observed = await observe(own, model, tokenizer, width, most, (count) => {
      signal?.throwIfAborted();
      onProgress?.((before + count) / total);
    });
    before += most;
    if (observed.truth.length >= LEAST_POSITIONS) return observed;
    throw new TooLittleCode(
      `There is too little code to calibrate exits on: ${observed.truth.length} tokens to ${which}, where ${LEAST_POSITIONS} are needed. ` +
        'Each file gives at most 255, and a quarter of the files must be enough.',
    );
  };
  try {
    return { learn: await part('learn'), choose: await part('choose'), check: await part('check') };
  } finally {
    await model.release();
  }
}

/** Files take turns, so that each part has old and new ones. */
const TURNS = ['learn', 'choose', 'learn', 'check'] as const;

function inWords(exitAt: number | null, { positions, exits, exitAt: found }: Judged, layers: number): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const shares = exits
    .slice(0, -1)
    .map(({ exit, agreement }) => `${percent(agreement)} after ${exit}`)
    .join(', ');
  const said = `Of ${positions} tokens that were not learnt from, what all ${layers} layers say is said by ${shares} layers.`;
  const here = found.find(({ at }) => at === exitAt);
  if (here === undefined) {
    return `${said} Early exit stays off: at no threshold does it keep ${percent(LEAST_AGREEMENT)} of the tokens and save ${percent(LEAST_SAVING)} of the layers.`;
  }
  return `${said} Early exit is on, where the chance that it changes nothing is at least ${percent(here.at)}: ${percent(here.early)} of the tokens leave early, ${percent(1 - here.layers / layers)} of the layers are saved, and ${percent(here.agreement)} of the tokens are the same.`;
}
