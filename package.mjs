/**
 * Packs the extension: `npm run package` after `npm run build`, for this platform; with `-- --target win32-x64` for
 * another one, with `-- --all` for each that there is. `--all` also writes the README's table. Where the native library
 * has no binary, WebAssembly runs the model; `universal` is what all other platforms of VS Code get.
 *
 * Prints what each part weighs in the package, and fails when one is missing or the whole is too heavy.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const root = path.dirname(fileURLToPath(import.meta.url));
const here = `${process.platform}-${process.arch}`;
const bundle = 'models/smollm2-135m';
const binaries = 'node_modules/onnxruntime-node/bin/napi-v6';

/** Platforms of VS Code without a binary of ONNX Runtime, and whose TypeScript server runs there (it is static). */
const byWebAssembly = {
  'darwin-x64': 'darwin-x64',
  'alpine-x64': 'linux-x64',
  'alpine-arm64': 'linux-arm64',
  universal: undefined,
};

/** VS Code in a browser has no processes, and so no server. */
const unsupported = ['web'];

/** Megabytes that a package may weigh: what a user should have to download, and the Marketplace takes. */
const mostMegabytes = 250;

/** The parts of the package, by the beginnings of their paths; each must be there. */
const parts = {
  'native library': ['dist/node_modules/onnxruntime-node'],
  WebAssembly: ['dist/node_modules/onnxruntime-'],
  'TypeScript server': ['dist/node_modules/@typescript/'],
  'server for older TypeScript': ['dist/node_modules/typescript-language-server/'],
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
  'dist/probe.mjs',
  'dist/json-server.mjs',
  'dist/models.mjs',
  'dist/web-graph.mjs',
];
/** Libraries that are not bundled, from `node_modules`; they lie beside the code that loads or starts them. */
const libraries = [
  'node_modules/onnxruntime-web',
  'node_modules/onnxruntime-common',
  'node_modules/pyright',
  'node_modules/typescript-language-server',
];

const { values } = parseArgs({ options: { target: { type: 'string' }, all: { type: 'boolean' } } });
const platforms = (await readdir(path.join(root, binaries), { recursive: true }))
  .map((folder) => folder.split(path.sep))
  .filter((parts) => parts.length === 2)
  .map(([platform, arch]) => `${platform}-${arch}`)
  .sort();
const targets = values.all ? [...platforms, ...Object.keys(byWebAssembly)] : [values.target ?? here];
const sizes = {};
for (const target of targets) sizes[target] = await pack(target);
if (values.all) await writeTable(sizes);

/** Packs for one platform, and returns the bytes of the package. */
async function pack(target) {
  if (!platforms.includes(target) && !(target in byWebAssembly)) {
    const known = [...platforms, ...Object.keys(byWebAssembly)].join(', ');
    throw new Error(`Nothing is packed for ${target}; there are ${known}.`);
  }
  const native = platforms.includes(target) ? `${binaries}/${target.replace('-', '/')}` : undefined;
  const needed = [...code, ...libraries, `${bundle}/bundle.json`, ...(native ? [native] : [])];
  const missing = needed.filter((file) => !existsSync(path.join(root, file)));
  if (missing.length > 0) {
    throw new Error(
      `There is no ${missing.join(', no ')}: run \`npm ci --ignore-scripts && npm run build\` first.`,
    );
  }
  const vsix = path.join(root, `candor-${target}.vsix`);
  const staging = await stage(target, native);
  // The packer's own search for dependencies would take all of them; those that are not bundled are staged by name.
  const how = { dependencies: false, followSymlinks: true, rewriteRelativeLinks: false };
  const platform = target === 'universal' ? {} : { target };
  await createVSIX({ cwd: staging, packagePath: vsix, ...platform, ...how });
  const archive = await readFile(vsix);
  const absent = [
    ...(native ? [] : ['native library']),
    ...(typescriptFor(target) ? [] : ['TypeScript server']),
  ];
  report(archive, path.basename(vsix), absent);
  return archive.length;
}

/**
 * A folder of links to what may ship, laid out as in the package, with the allow-list completed for the platform.
 * The libraries that are not bundled lie beside the code that loads or starts them.
 */
async function stage(target, native) {
  const folder = path.join(root, '.cache/package');
  await rm(folder, { recursive: true, force: true });
  const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD_PARTY_NOTICES.md', 'docs/images'];
  const others = ['package.json', 'dist/grammars', 'extension/walkthrough', bundle];
  const places = [...documents, ...code, ...others].map((name) => [name, name]);
  const beside = native ? [...libraries, 'node_modules/onnxruntime-node'] : libraries;
  places.push(...beside.map((name) => [`dist/${name}`, name]));
  const server = typescriptFor(target);
  if (server) places.push([`dist/node_modules/@typescript/typescript-${server}`, await typescriptOf(server)]);
  for (const [name, source] of places) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await symlink(path.join(root, source), path.join(folder, name));
  }
  const allowed = await readFile(path.join(root, '.vscodeignore'), 'utf8');
  const shipped = [...(await modelFiles()), ...(native ? await nativeFiles(native) : [])].map(
    (file) => `!${file}\n`,
  );
  await writeFile(path.join(folder, '.vscodeignore'), allowed + shipped.join(''));
  return folder;
}

/** The platform whose TypeScript server a package holds, where there is one: Alpine runs Linux's. */
function typescriptFor(target) {
  return target in byWebAssembly ? byWebAssembly[target] : target;
}

/** The folder of TypeScript's native server for a platform: npm installs only this one's, and is asked for others. */
async function typescriptOf(target) {
  const name = `@typescript/typescript-${target}`;
  if (existsSync(path.join(root, 'node_modules', name))) return `node_modules/${name}`;
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const { version } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined) throw new Error(`package-lock.json knows no ${name}.`);
  const folder = `.cache/package-libraries/${name}-${version}`;
  if (existsSync(path.join(root, folder))) return `${folder}/package`;
  const unpacked = path.join(root, `${folder}.tmp`);
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  const quiet = ['--silent', '--pack-destination', unpacked];
  execFileSync('npm', ['pack', `${name}@${version}`, ...quiet], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [archive] = await readdir(unpacked);
  execFileSync('tar', ['-xzf', path.join(unpacked, archive), '-C', unpacked]);
  await rm(path.join(unpacked, archive));
  await rename(unpacked, path.join(root, folder));
  return `${folder}/package`;
}

/** Between two marks in the README. */
async function writeTable(sizes) {
  const rows = Object.entries(sizes).map(([target, bytes]) => {
    const name = target === 'universal' ? 'universal, for all others' : target;
    const model = target in byWebAssembly ? 'WebAssembly' : 'the native library';
    return `| ${name} | ${(bytes / 1e6).toFixed(0)} MB | ${model} |`;
  });
  const none = unsupported.map((target) => `| ${target} | not supported: no server runs there | |`);
  const table = ['| platform | package | runs the model |', '| --- | --- | --- |', ...rows, ...none].join(
    '\n',
  );
  const file = path.join(root, 'README.md');
  const readme = await readFile(file, 'utf8');
  const marked = /(<!-- platforms, by npm run package -- --all -->\n)[^]*?(\n<!-- end -->)/;
  if (!marked.test(readme)) throw new Error('README.md has no place for the table of platforms.');
  await writeFile(file, readme.replace(marked, `$1\n${table}\n$2`));
}

/** The files that bundle.json names, and itself: nothing else of the folder ships. */
async function modelFiles() {
  const { files, calibration } = JSON.parse(await readFile(path.join(root, bundle, 'bundle.json'), 'utf8'));
  const named = [...files, ...(calibration ? [calibration] : [])];
  return ['bundle.json', ...named.map(({ file }) => file)].map((file) => `${bundle}/${file}`);
}

/** The native library of a platform, without the copy that nothing loads (macOS has the library twice). */
async function nativeFiles(native) {
  const files = await readdir(path.join(root, native));
  return files
    .filter((file) => !/^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(file))
    .map((file) => `dist/${native}/${file}`);
}

/** `absent` names the parts that a platform does without. */
function report(archive, name, absent) {
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
    if ((bytes === 0) !== absent.includes(part))
      throw new Error(`${name} holds ${bytes} bytes of the part “${part}”.`);
  }
  console.log(`${name.padEnd(16)}${megabytes(archive.length)}`);
  if (archive.length > mostMegabytes * 1e6) throw new Error(`${name} weighs more than ${mostMegabytes} MB.`);
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
