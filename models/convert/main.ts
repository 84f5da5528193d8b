/** The command `node --import tsx models/convert/main.ts FILE.gguf FOLDER`: turns a GGUF file into a bundle. */
import { parseArgs } from 'node:util';
import { ConversionError } from './model-source.js';
import { openGguf } from './read-gguf.js';
import { promptOf } from './prompt-format.js';
import { isWeightFormat, WEIGHT_FORMATS } from './weight-formats.js';
import { writeBundle } from './write-bundle.js';

const USAGE = `Usage: node --import tsx models/convert/main.ts FILE.gguf FOLDER [options]
  --weights FORMAT    ${WEIGHT_FORMATS.join(' | ')}
  --exits LIST        layers after which the network may speak, such as 6,12,18,24,30 (default: five even parts)
  --name NAME         the model's name (default: the one in the file)
  --provenance TEXT   where the file comes from`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      weights: { type: 'string', default: 'q4-folded' },
      exits: { type: 'string' },
      name: { type: 'string' },
      provenance: { type: 'string' },
    },
  });
  const [file, folder] = positionals;
  const { weights } = values;
  if (file === undefined || folder === undefined || positionals.length > 2 || !isWeightFormat(weights)) {
    console.error(USAGE);
    return 2;
  }
  await using source = await openGguf(file, {
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.provenance === undefined ? {} : { provenance: { source: values.provenance } }),
  });
  const { layers } = source.architecture;
  const exits =
    values.exits?.split(',').map(Number) ?? [1, 2, 3, 4, 5].map((part) => Math.round((part * layers) / 5));
  const bundle = await writeBundle(source, folder, {
    weights,
    exits,
    prompt: promptOf(source.vocabulary),
    onProgress: (share, name) => {
      console.error(`${Math.floor(100 * share)} % ${name}`);
    },
  });
  const bytes = bundle.files.reduce((sum, entry) => sum + entry.bytes, 0);
  console.log(
    `${folder}: ${bundle.name}, ${weights}, ${(bytes / 1e6).toFixed(1)} MB in ${bundle.files.length} files`,
  );
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof ConversionError ? error.message : error);
    process.exitCode = 1;
  },
);
