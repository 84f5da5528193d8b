/** Corrects how a model of the user's is prompted: the tokens by which it fills in. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseBundle, readBundle, type BundleDescription } from '../../language-server/inference/bundle.js';
import { ModelStoreError } from './model-store.js';

/** @throws ModelStoreError when the vocabulary has no such markup; BundleError when the bundle is damaged. */
export async function setFillInTheMiddle(
  folder: string,
  tokens: readonly [string, string, string] | null,
): Promise<BundleDescription> {
  const file = path.join(folder, 'bundle.json');
  const { tokenizer } = await readBundle(folder);
  const markup = markupOf(await readFile(path.join(folder, tokenizer.file), 'utf8'));
  const strange = tokens?.find((text) => !markup.includes(text));
  if (strange !== undefined) {
    throw new ModelStoreError(
      `The model has no markup token ${JSON.stringify(strange)}; it has ${markup.slice(0, 40).join(' ')}.`,
    );
  }
  const bundle = parseBundle(await readFile(file, 'utf8'), file);
  const fillInTheMiddle =
    tokens === null
      ? null
      : { prefix: tokens[0], suffix: tokens[1], middle: tokens[2], order: 'prefix-first' as const };
  const changed = { ...bundle, prompt: { ...bundle.prompt, fillInTheMiddle } };
  await writeFile(`${file}.new`, `${JSON.stringify(changed, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return changed;
}

function markupOf(tokenizerJson: string): readonly string[] {
  const { added_tokens: added } = JSON.parse(tokenizerJson) as {
    readonly added_tokens: readonly { readonly content: string; readonly special: boolean }[];
  };
  return added.filter(({ special }) => special).map(({ content }) => content);
}
