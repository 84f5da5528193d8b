/** The list of packages that models are trained on: permissive, pinned, and apart from everything that judges them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Row {
  readonly registry: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly split: string;
  readonly sha256: string;
  readonly files: string;
  readonly bytes: string;
}

const [header = '', ...lines] = read('models/recipe/corpus/packages.tsv').trimEnd().split('\n');
const columns = header.split('\t');
const rows = lines.map((line) => {
  const cells = line.split('\t');
  return Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as unknown as Row;
});

interface Judge {
  readonly name: string;
}
const reference = JSON.parse(read('test/bench/corpus-packages.json')) as readonly Judge[];
const formats = JSON.parse(read('models/evaluate/packages.json')) as Record<string, readonly Judge[]>;
const judges = new Set([...reference, ...Object.values(formats).flat()].map(({ name }) => name));

/** Packages of one scope come from one repository and share their style, and sometimes their text. */
const scopeOf = (name: string) => (name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined);
const learned = rows.filter(({ split }) => split !== 'test');

/** Packages that may not be learned from, given those that judge. */
function strays(packages: readonly Judge[], apart: ReadonlySet<string>): readonly string[] {
  const scopes = new Set([...apart].map(scopeOf).filter((scope) => scope !== undefined));
  return packages
    .map(({ name }) => name)
    .filter((name) => apart.has(name) || scopes.has(scopeOf(name) ?? ''));
}

describe('the list of packages', () => {
  test('nothing that results are measured on is learned, nor a package of the same scope', () => {
    expect(strays(learned, judges)).toEqual([]);
  });

  test('the rule sees an overlap', () => {
    expect(strays([{ name: 'zod' }, { name: '@a/b' }, { name: 'c' }], new Set(['zod', '@a/x']))).toEqual([
      'zod',
      '@a/b',
    ]);
  });

  test('no package stands in two splits, and no scope in both learning and judging', () => {
    const keys = rows.map(({ registry, name }) => `${registry} ${name}`);
    expect(new Set(keys).size).toBe(keys.length);
    const trained = new Set(rows.filter(({ split }) => split === 'train').map(({ name }) => name));
    const heldOut = rows.filter(({ split }) => split === 'validation' || split === 'test');
    expect(strays(heldOut, trained)).toEqual([]);
  });

  test('every licence is permissive, every version exact, every archive has its checksum and size', () => {
    const permissive =
      /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause)( (OR|AND) (MIT|Apache-2\.0|BSD-[23]-Clause))*\)?$/;
    const faults = rows.filter(
      (row) =>
        !permissive.test(row.licence) ||
        !/^\d[\w.+-]*$/.test(row.version) ||
        !/^[0-9a-f]{64}$/.test(row.sha256) ||
        Number(row.bytes) <= 0 ||
        Number(row.files) <= 0,
    );
    expect(faults).toEqual([]);
  });

  test('all four splits have code in TypeScript or JavaScript and in Python', () => {
    for (const split of ['train', 'calibration', 'validation', 'test']) {
      const registries = new Set(rows.filter((row) => row.split === split).map(({ registry }) => registry));
      expect([...registries].sort(), split).toEqual(['npm', 'pypi']);
    }
  });
});
