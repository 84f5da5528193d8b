/** Which files of the workspace a file imports: candidate paths, to be tried in order. Paths use `/`. */
import { posix } from 'node:path';

const script = /(?:from|import|require\()\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;
const python = /^\s*(?:from\s+([.\w]+)\s+import|import\s+([.\w]+))/gm;
const scriptEndings = ['.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mjs', '/index.ts', '/index.tsx', '/index.js'];
const scripts = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);

/** For each import of a file of the workspace, the places where it may lie. Packages from elsewhere are left out. */
export function importedFiles(
  text: string,
  languageId: string,
  path: string,
  root: string,
): readonly (readonly string[])[] {
  if (scripts.has(languageId))
    return [...text.matchAll(script)].map((match) => scriptPlaces(match[1]!, path));
  if (languageId === 'python') {
    return [...text.matchAll(python)].map((match) => pythonPlaces(match[1] ?? match[2]!, path, root));
  }
  return [];
}

function scriptPlaces(specifier: string, path: string): readonly string[] {
  const target = posix.join(posix.dirname(path), specifier);
  // TypeScript names the output of a file: `./a.js` is written for `./a.ts`.
  const bare = target.replace(/\.[cm]?jsx?$/, '');
  return [...(bare === target ? [] : ['.ts', '.tsx'].map((ending) => bare + ending)), target].concat(
    bare === target ? scriptEndings.map((ending) => target + ending) : [],
  );
}

function pythonPlaces(module: string, path: string, root: string): readonly string[] {
  const dots = /^\.*/.exec(module)![0].length;
  const name = module.slice(dots).replaceAll('.', '/');
  const here = posix.dirname(path);
  const bases =
    dots === 0 ? [here, root, posix.join(root, 'src')] : [posix.join(here, '../'.repeat(dots - 1))];
  return bases.flatMap((base) => [posix.join(base, `${name}.py`), posix.join(base, name, '__init__.py')]);
}
