/** `candor models calibrate NAME FOLDER`, first part: whether tokens may leave a model of the user's early. */
import { sourceFilesIn } from '../language-server/completion/calibration-files.js';
import { calibrateExits, TooLittleCode } from '../models/exits/calibrate-exits.js';
import { modelsFolder, ownModel, SHIPPED } from '../models/manage/model-store.js';
import type { Print } from './complete.js';

/** The model that ships, and code that is too little, are told and left as they are. */
export async function runExitCalibration(
  { name, folder }: { readonly name: string; readonly folder: string },
  print: Print,
  progress: (line: string) => void,
): Promise<void> {
  if (name === SHIPPED) {
    print('Exits: those of the model that ships are left as they are.\n');
    return;
  }
  const bundle = await ownModel(name, modelsFolder(process.env));
  const files = (await sourceFilesIn(folder)).map((file) => file.path);
  try {
    const { summary } = await calibrateExits({
      bundle,
      files,
      onProgress: (share) => {
        progress(`Reading code: ${Math.floor(100 * share)} %`);
      },
    });
    print(`Exits: ${summary}\n`);
  } catch (error) {
    if (!(error instanceof TooLittleCode)) throw error;
    print(`Exits: ${error.message} Early exit stays off.\n`);
  }
}
