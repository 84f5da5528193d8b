/** Adds a small file to a bundle that lies on disk: the file first, then the description that names it. */
import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseBundle, type BundleDescription } from '../../language-server/inference/bundle.js';

/**
 * Weights are left as they are. A file of that name that says something else keeps it until the bundle no longer names
 * it, and the new one is called by its content: so a crash at any time leaves a bundle that works as before or as after.
 * `describe` is given the description with the new file in its list, and the name that the file has got.
 */
export async function addToBundle(
  folder: string,
  file: string,
  content: Uint8Array | string,
  describe: (bundle: BundleDescription, name: string) => BundleDescription,
): Promise<void> {
  const manifest = path.join(folder, 'bundle.json');
  const bundle = parseBundle(await readFile(manifest, 'utf8'), manifest);
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { name: stem, ext } = path.parse(file);
  const isEarlier = (other: string): boolean =>
    other === file || (other.startsWith(`${stem}-`) && other.endsWith(ext));
  const earlier = bundle.files.filter((one) => isEarlier(one.file));
  const isTaken = earlier.some((one) => one.file === file && one.sha256 !== sha256);
  const name = isTaken ? `${stem}-${sha256.slice(0, 8)}${ext}` : file;
  const files = [
    ...bundle.files.filter((one) => !earlier.includes(one)),
    { file: name, bytes: bytes.length, sha256 },
  ];
  const ordered = files.sort((a, b) => (a.file < b.file ? -1 : 1));
  const text = `${JSON.stringify(describe({ ...bundle, files: ordered }, name), null, 2)}\n`;
  parseBundle(text, 'The new bundle.json');
  await replace(path.join(folder, name), bytes);
  await replace(manifest, text);
  for (const one of earlier.filter((other) => other.file !== name))
    await rm(path.join(folder, one.file), { force: true });
}

/** Whoever reads meanwhile sees the old file or the new one, whole; two writers do not share a file. */
async function replace(file: string, content: Uint8Array | string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, content);
  await rename(fresh, file);
}
