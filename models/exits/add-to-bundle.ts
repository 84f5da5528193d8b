/** Adds a small file to a bundle that lies on disk: the file first, then the description that names it. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseBundle, sha256OfFile, type BundleDescription } from '../../language-server/inference/bundle.js';

/** Weights are left as they are. A crash between the two steps leaves a bundle that works as before. */
export async function addToBundle(
  folder: string,
  file: string,
  content: Uint8Array | string,
  describe: (bundle: BundleDescription) => BundleDescription,
): Promise<void> {
  const place = path.join(folder, file);
  const manifest = path.join(folder, 'bundle.json');
  const bundle = parseBundle(await readFile(manifest, 'utf8'), manifest);
  // A changed file must not meet the old checksum: it takes its place only with the new description.
  await writeFile(`${place}.new`, content);
  const entry = {
    file,
    bytes: (await stat(`${place}.new`)).size,
    sha256: await sha256OfFile(`${place}.new`),
  };
  const files = [...bundle.files.filter((one) => one.file !== file), entry];
  const ordered = files.sort((a, b) => (a.file < b.file ? -1 : 1));
  const text = `${JSON.stringify(describe({ ...bundle, files: ordered }), null, 2)}\n`;
  parseBundle(text, 'The new bundle.json');
  await writeFile(`${manifest}.new`, text);
  await rename(`${place}.new`, place);
  await rename(`${manifest}.new`, manifest);
}
