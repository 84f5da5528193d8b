/**
 * Writes THIRD_PARTY_NOTICES.md from what the package really holds: `npm run notices`; `--check` fails when it is stale.
 *
 * Libraries are those whose code the bundler took in, and those that ship beside it; texts are the packages' own.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { builds } from './build.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const noticesFile = path.join(root, 'THIRD_PARTY_NOTICES.md');

/** Shipped whole beside the bundles, or as a file that the bundler never sees. */
const besides = [
  'node_modules/onnxruntime-node',
  'node_modules/onnxruntime-web',
  'node_modules/onnxruntime-common',
  'node_modules/web-tree-sitter',
  'node_modules/pyright',
  'node_modules/typescript-language-server',
  `node_modules/@typescript/typescript-${process.platform}-${process.arch}`,
];

/** Holds no licence text of its own: the text and where the rest of its notices are. */
const mit = (holder) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
const bsd = (holder) => `Copyright ${holder}  All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:

    * Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.
    * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution.
    * Neither the name of Google Inc. nor the names of its contributors may be used to endorse or promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`;
const withoutText = {
  '@bufbuild/protobuf': `Copyright 2021-2026 Buf Technologies, Inc. Licensed under the Apache License, Version 2.0, whose text is Candor's own LICENSE. Its encoding of variable-length numbers:

${bsd('2008 Google Inc.')}`,
  'onnxruntime-node': mit('Microsoft Corporation'),
  'onnxruntime-web': mit('Microsoft Corporation'),
  'onnxruntime-common': mit('Microsoft Corporation'),
  '@vscode/l10n': mit('Microsoft Corporation'),
};

/** The grammars of `@vscode/tree-sitter-wasm` are compiled from these projects, each under the MIT licence. */
const grammarProject = (file) => {
  const name = path.basename(file, '.wasm').replace(/tsx$/, 'typescript');
  return `https://github.com/tree-sitter/${name}`;
};

const text = await render();
if (process.argv.includes('--check')) {
  const there = existsSync(noticesFile) ? await readFile(noticesFile, 'utf8') : '';
  if (there !== text)
    throw new Error('THIRD_PARTY_NOTICES.md is stale: run `npm run notices` and commit it.');
} else {
  await writeFile(noticesFile, text);
}

async function render() {
  const grammars = Object.values(JSON.parse(await readFile(path.join(root, 'syntax/grammars.json'), 'utf8')));
  const grammarPackages = grammars.map((file) => `node_modules/${packageOf(file)}`);
  const folders = [...new Set([...(await bundledPackages()), ...besides, ...grammarPackages])];
  const libraries = await Promise.all(folders.map(library));
  libraries.sort((a, b) => (a.title < b.title ? -1 : 1));
  return (
    [
      '# Third-party notices',
      'Candor ships with the works below. `npm run notices` writes this page from what the package holds.',
      ...(await modelSection()),
      '## ONNX Runtime',
      'The native library in `onnxruntime-node` contains further works, listed in `ThirdPartyNotices.txt` of <https://github.com/microsoft/onnxruntime> at the tag of its version.',
      '## Grammars',
      [...new Set(grammars.map(grammarProject))]
        .sort()
        .map((project) => `- <${project}> (MIT)`)
        .join('\n'),
      '## Libraries',
      ...libraries.flatMap(({ title, body }) => [`### ${title}`, body]),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

async function modelSection() {
  const description = JSON.parse(await readFile(path.join(root, 'models/smollm2-135m/bundle.json'), 'utf8'));
  const { layers } = description.architecture;
  const trained = description.exits.some((exit) => exit.trained && exit.layer < layers);
  const done = trained ? 'trained further by this project, and converted' : 'converted, nothing was trained';
  const origin = Object.entries(description.provenance).map(([name, value]) => `- ${name}: ${value}`);
  return [
    '## Model',
    `${description.name}, licence ${description.licence}; the weights were ${done}. The text of the licence is in \`LICENSE\`, which is the same.`,
    origin.join('\n'),
  ];
}

/** Folders of the packages that the bundles took code from; the command line does not ship in the extension. */
async function bundledPackages() {
  const folders = new Set();
  for (const options of builds) {
    const { cli: _, ...entryPoints } = options.entryPoints;
    const { metafile } = await esbuild.build({ ...options, entryPoints, write: false, metafile: true });
    for (const file of Object.keys(metafile.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder !== undefined) folders.add(folder);
    }
  }
  return folders;
}

async function library(folder) {
  const manifest = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
  const files = (await readdir(path.join(root, folder))).filter((file) =>
    /^(licen[cs]e|notice|thirdparty)/i.test(file),
  );
  const texts = await Promise.all(
    files.sort().map((file) => readFile(path.join(root, folder, file), 'utf8')),
  );
  const body = texts.length > 0 ? texts.join('\n') : withoutText[manifest.name];
  if (body === undefined) throw new Error(`${manifest.name} has no licence text: add it to notices.mjs.`);
  return {
    title: `${manifest.name} ${manifest.version} (${manifest.license})`,
    body: ['```text', body.replaceAll('\r\n', '\n').replaceAll('```', "'''").trim(), '```'].join('\n'),
  };
}

function packageOf(file) {
  return file
    .split('/')
    .slice(0, file.startsWith('@') ? 2 : 1)
    .join('/');
}
