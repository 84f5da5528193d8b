/**
 * Packs the extension for this platform: `npm run package` after `npm run build`.
 *
 * Prints what each part weighs in the package, and fails when one is missing or the whole is too heavy.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

const root = path.dirname(fileURLToPath(import.meta.url));
const target = `${process.platform}-${process.arch}`;
const vsix = path.join(root, `candor-${target}.vsix`);
const bundle = 'models/smollm2-135m';
const typescript = `node_modules/@typescript/typescript-${process.platform}-${process.arch}`;
const native = `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;

/** Megabytes that a package may weigh: what a user should have to download, and the Marketplace takes. */
const mostMegabytes = 250;

/** The parts of the package, by the beginnings of their paths; each must be there. */
const parts = {
  'native library': ['dist/node_modules/onnxruntime'],
  'TypeScript server': ['dist/node_modules/@typescript/', 'dist/node_modules/typescript-language-server/'],
  'Python server': ['dist/node_modules/pyright/'],
  'JSON server': ['dist/json-server.mjs'],
  model: ['models/'],
  grammars: ['dist/grammars/'],
  code: ['dist/'],
  other: [''],
};

const code = [
  'dist/extension.cjs',
  'dist/server.mjs',
  'dist/worker.mjs',
  'dist/json-server.mjs',
  'dist/models.mjs',
];
/** Libraries that are not bundled, from `node_modules`; they lie beside the code that loads or starts them. */
const libraries = [
  'node_modules/onnxruntime-node',
  'node_modules/onnxruntime-common',
  'node_modules/pyright',
  'node_modules/typescript-language-server',
  typescript,
];
const needed = [...code, ...libraries, `${bundle}/bundle.json`, native];
const missing = needed.filter((file) => !existsSync(path.join(root, file)));
if (missing.length > 0) {
  throw new Error(
    `There is no ${missing.join(', no ')} for ${target}: run \`npm ci --ignore-scripts && npm run build\` first.`,
  );
}

const staging = await stage();
// The packer's own search for dependencies would take all of them; those that are not bundled are staged by name.
const how = { dependencies: false, followSymlinks: true, rewriteRelativeLinks: false };
await createVSIX({ cwd: staging, target, packagePath: vsix, ...how });
report(await readFile(vsix));

/**
 * A folder of links to what may ship, laid out as in the package, with the allow-list completed for this platform.
 * The libraries that are not bundled lie beside the code that loads or starts them.
 */
async function stage() {
  const folder = path.join(root, '.cache/package');
  await rm(folder, { recursive: true, force: true });
  const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD_PARTY_NOTICES.md', 'docs/images'];
  const others = ['package.json', 'dist/grammars', 'extension/walkthrough', bundle];
  const places = [...documents, ...code, ...others].map((name) => [name, name]);
  for (const [name, source] of [...places, ...libraries.map((name) => [`dist/${name}`, name])]) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await symlink(path.join(root, source), path.join(folder, name));
  }
  const allowed = await readFile(path.join(root, '.vscodeignore'), 'utf8');
  const shipped = [...(await modelFiles()), ...(await nativeFiles())].map((file) => `!${file}\n`);
  await writeFile(path.join(folder, '.vscodeignore'), allowed + shipped.join(''));
  return folder;
}

/** The files that bundle.json names, and itself: nothing else of the folder ships. */
async function modelFiles() {
  const { files, calibration } = JSON.parse(await readFile(path.join(root, bundle, 'bundle.json'), 'utf8'));
  const named = [...files, ...(calibration ? [calibration] : [])];
  return ['bundle.json', ...named.map(({ file }) => file)].map((file) => `${bundle}/${file}`);
}

/** The native library of this platform, without the copy that nothing loads (macOS has the library twice). */
async function nativeFiles() {
  const files = await readdir(path.join(root, native));
  return files
    .filter((file) => !/^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(file))
    .map((file) => `dist/${native}/${file}`);
}

function report(archive) {
  const weights = Object.fromEntries(Object.keys(parts).map((part) => [part, 0]));
  for (const { name, compressed } of entries(archive)) {
    const file = name.replace(/^extension\//, '');
    const [part] = Object.entries(parts).find(([, starts]) => starts.some((start) => file.startsWith(start)));
    weights[part] += compressed;
  }
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1).padStart(7)} MB`;
  for (const [part, bytes] of Object.entries(weights)) {
    console.log(
      `${part.padEnd(16)}${megabytes(bytes)}  ${((100 * bytes) / archive.length).toFixed(1).padStart(5)} %`,
    );
    if (bytes === 0) throw new Error(`The package holds nothing of the part “${part}”.`);
  }
  console.log(`${path.basename(vsix).padEnd(16)}${megabytes(archive.length)}`);
  if (archive.length > mostMegabytes * 1e6)
    throw new Error(`The package weighs more than ${mostMegabytes} MB.`);
}

/** The central directory of a zip archive: name and compressed size of each entry (APPNOTE.TXT 4.3.12). */
function* entries(archive) {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(at + 28);
    yield {
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      compressed: archive.readUInt32LE(at + 20),
    };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}
