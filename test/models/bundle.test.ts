/** What `readBundle` accepts, and the words it finds for bundles that are missing, cut off, changed or of another version. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BundleError, readBundle, type BundleDescription } from '../../language-server/inference/bundle.js';
import { identityOf } from '../../language-server/inference/bundle-identity.js';
import { writeRandomBundle } from '../../models/convert/random-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'candor-bundle-'));
const whole = join(folder, 'whole');
beforeAll(async () => {
  await writeRandomBundle(whole, { weights: 'q8' });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of the bundle with something broken. */
function broken(name: string, breakIt: (folder: string) => void): string {
  const copy = join(folder, name);
  cpSync(whole, copy, { recursive: true });
  breakIt(copy);
  return copy;
}

function describeAnew(copy: string, change: (description: BundleDescription) => unknown): void {
  const file = join(copy, 'bundle.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as BundleDescription)));
}

test('a whole bundle is read, and every hash holds', async () => {
  const bundle = await readBundle(whole, { verify: true });
  expect(bundle.folder).toBe(whole);
  expect(bundle.exits).toEqual([
    { layer: 2, trained: false },
    { layer: 4, trained: true },
  ]);
});

test('a bundle is the same wherever it lies, and another when anything in it is', async () => {
  const name = identityOf(await readBundle(whole));
  expect(name).toMatch(/^Random weights, seed 1 [0-9a-f]{16}$/);
  const moved = broken('moved', (copy) => {
    const calibration = { file: 'calibration.json', bytes: 2, sha256: '0'.repeat(64) };
    describeAnew(copy, (description) => ({ ...description, licence: 'MIT', calibration }));
  });
  expect(identityOf(await readBundle(moved))).toBe(name);
  const other = broken('other', (copy) => {
    describeAnew(copy, (description) => ({
      ...description,
      exits: description.exits.map((exit) => ({ ...exit, trained: true })),
    }));
  });
  expect(identityOf(await readBundle(other))).not.toBe(name);
});

test('the bundle that ships is whole', async () => {
  const bundle = await readBundle('models/smollm2-135m', { verify: true });
  expect(bundle.exits.map((exit) => exit.layer)).toEqual(bundle.blocks.map((block) => block.endLayer));
  expect(bundle.exits.length).toBeGreaterThan(1);
  for (const { file, bytes } of bundle.files) expect(bytes, file).toBeLessThan(95e6);
});

test.each<[name: string, breakIt: (copy: string) => void, words: RegExp]>([
  [
    'no file',
    (copy) => {
      rmSync(join(copy, 'head.onnx'));
    },
    /head\.onnx is missing.*Convert the model again/s,
  ],
  [
    'no description',
    (copy) => {
      rmSync(join(copy, 'bundle.json'));
    },
    /no readable bundle\.json/,
  ],
  [
    'cut off',
    (copy) => {
      truncateSync(join(copy, 'block-1.bin'), 1000);
    },
    /block-1\.bin has 1000 bytes instead of \d+/,
  ],
  [
    'not JSON',
    (copy) => {
      truncateSync(join(copy, 'bundle.json'), 50);
    },
    /not JSON/,
  ],
  [
    'version',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, version: 7 }));
    },
    /format version 7, but this Candor reads version 1/,
  ],
  [
    'format',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, format: 'zip' }));
    },
    /not the description of a Candor bundle/,
  ],
  [
    'unknown field',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, colour: 'red' }));
    },
    /colour/,
  ],
  [
    'a gap',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, blocks: it.blocks.slice(1) }));
    },
    /does not begin at layer 0/,
  ],
  [
    'stray exit',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, exits: [...it.exits, { layer: 3, trained: false }] }));
    },
    /exit 3/,
  ],
  [
    'path',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, head: { file: '../head.onnx' } }));
    },
    /head\.file: .*plain file name/,
  ],
  [
    'unlisted',
    (copy) => {
      describeAnew(copy, (it) => ({ ...it, files: it.files.filter((entry) => entry.file !== 'head.onnx') }));
    },
    /has no size and hash/,
  ],
])('%s is told in words', async (name, breakIt, words) => {
  const copy = broken(name, breakIt);
  await expect(readBundle(copy)).rejects.toThrow(BundleError);
  await expect(readBundle(copy)).rejects.toThrow(words);
});

test('a missing folder is told in words', async () => {
  await expect(readBundle(join(folder, 'nowhere'))).rejects.toThrow(/nowhere does not exist/);
});

test('a changed byte is found when hashes are asked for', async () => {
  const copy = broken('changed', (at) => {
    const bytes = readFileSync(join(at, 'block-0.bin'));
    bytes[77]! ^= 1;
    writeFileSync(join(at, 'block-0.bin'), bytes);
  });
  await expect(readBundle(copy)).resolves.toMatchObject({ folder: copy });
  await expect(readBundle(copy, { verify: true })).rejects.toThrow(/SHA-256 differs/);
});
