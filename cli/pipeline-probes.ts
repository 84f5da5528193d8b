/** A few places of our own at which the pipeline is asked beside every calibration that ships: its fingerprint. */
import path from 'node:path';
import { completeAt } from '../language-server/completion/complete-at.js';
import { settingsForHoles } from '../language-server/completion/calibration-run.js';
import type { ReadyEngine } from '../language-server/completion/ask-model.js';
import type { Settings } from '../language-server/protocol.js';

/** A place, and what was offered there; empty: nothing. */
export interface PipelineProbe {
  readonly language: string;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

const programs: readonly (readonly [language: string, extension: string, program: string])[] = [
  [
    'typescript',
    'ts',
    'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of values) {\n    total ▮\n  }\n  return total;\n}\n',
  ],
  [
    'typescript',
    'ts',
    "import { readFile } from 'node:fs/promises';\n\nexport async function readJson(file: string): Promise<unknown> {\n  ▮\n}\n",
  ],
  [
    'typescriptreact',
    'tsx',
    'export function Counter() {\n  const [count, setCount] = useState(0);\n  return <button onClick={() => ▮}>{count}</button>;\n}\n',
  ],
  [
    'javascript',
    'js',
    "const express = require('express');\nconst app = express();\n\napp.get('/', (request, response) => {\n  ▮\n});\n",
  ],
  ['python', 'py', 'class Point:\n    def __init__(self, x, y):\n        self.x = x\n        ▮\n'],
  [
    'python',
    'py',
    'import json\n\n\ndef load(path):\n    with open(path) as file:\n        return ▮\n\n\ndef save(path, value):\n    with open(path, "w") as file:\n        json.dump(value, file)\n',
  ],
];

/** Asks at each of them. */
export async function probe(engine: ReadyEngine, settings: Settings): Promise<readonly PipelineProbe[]> {
  const probes: PipelineProbe[] = [];
  for (const [language, extension, program] of programs) {
    const [before = '', after = ''] = program.split('▮');
    const { items } = await completeAt({
      text: before + after,
      path: path.resolve(`/probe/file.${extension}`),
      languageId: language,
      offset: before.length,
      mode: 'explicit',
      settings: settingsForHoles(settings),
      engine,
    });
    probes.push({ language, before, after, text: items[0]?.text ?? '' });
  }
  return probes;
}
