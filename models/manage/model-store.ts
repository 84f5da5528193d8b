/** Where a user's own models lie on this machine, under which names, and the one that ships beside them. */
import { readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { readBundle, type Bundle } from '../../language-server/inference/bundle.js';
import { unfinishedFolder } from '../convert/unfinished.js';

/** The name by which the model that ships is listed and chosen. */
export const SHIPPED = 'default';

/** A request about models that cannot be met; the message names the thing and the remedy. */
export class ModelStoreError extends Error {
  override readonly name = 'ModelStoreError';
}

export interface StoredModel {
  /** Name of its folder; what the user types. */
  readonly name: string;
  readonly folder: string;
  readonly isShipped: boolean;
  /** The bundle, or why it cannot be used. */
  readonly bundle: Bundle | string;
}

/** The folder of the user's models; `CANDOR_MODELS` names another one. */
export function modelsFolder(environment: NodeJS.ProcessEnv, platform: string = process.platform): string {
  if (environment.CANDOR_MODELS) return path.resolve(environment.CANDOR_MODELS);
  return path.join(dataFolder(environment, platform), 'candor', 'models');
}

function dataFolder(environment: NodeJS.ProcessEnv, platform: string): string {
  if (platform === 'win32') return environment.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support');
  return environment.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share');
}

/** A folder name out of a model's name: lower case, plain characters, never empty and never hidden. */
export function folderName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80);
  return plain === '' || plain === SHIPPED ? `model-${plain || 'unnamed'}` : plain;
}

/** All models that can be chosen, the one that ships first; damaged ones too, with the reason. */
export async function listModels(store: string, shipped: string): Promise<readonly StoredModel[]> {
  const names = (await readdir(store).catch((): string[] => [])).filter((name) => !name.startsWith('.'));
  const own: StoredModel[] = [];
  for (const name of names.sort()) {
    const folder = path.join(store, name);
    if (!(await stat(folder)).isDirectory()) continue;
    own.push({ name, folder, isShipped: false, bundle: await bundleOrWhy(folder) });
  }
  return [{ name: SHIPPED, folder: shipped, isShipped: true, bundle: await bundleOrWhy(shipped) }, ...own];
}

/** Names of models whose conversion was stopped and can go on. */
export async function unfinishedModels(store: string): Promise<readonly string[]> {
  const names = await readdir(store).catch((): string[] => []);
  return names.flatMap((name) => /^\.(.+)\.unfinished$/.exec(name)?.[1] ?? []);
}

/** The folder that a name or a path stands for. @throws ModelStoreError when it is neither. */
export async function resolveModel(nameOrPath: string, store: string, shipped: string): Promise<string> {
  if (nameOrPath === SHIPPED) return shipped;
  const isName = /^[\w.-]+$/.test(nameOrPath) && !nameOrPath.startsWith('.');
  if (isName && (await isFolder(path.join(store, nameOrPath)))) return path.join(store, nameOrPath);
  if (await isFolder(nameOrPath)) return path.resolve(nameOrPath);
  const known = (await listModels(store, shipped)).map(({ name }) => name);
  throw new ModelStoreError(
    `There is no model and no folder ${nameOrPath}; there are the models ${known.join(', ')}.`,
  );
}

/** The folder of a model of the user's. @throws ModelStoreError for the one that ships, whose files are as published. */
export async function ownModel(name: string, store: string): Promise<string> {
  if (name === SHIPPED) throw new ModelStoreError('The model that ships with Candor is left as it is.');
  const own = (await listModels(store, store)).find((model) => !model.isShipped && model.name === name);
  if (!own) throw new ModelStoreError(`There is no model ${name}; \`candor models list\` shows them.`);
  return own.folder;
}

/** Removes a model of the user's, finished or not. @throws ModelStoreError for the one that ships. */
export async function removeModel(name: string, store: string): Promise<void> {
  if (name === SHIPPED) throw new ModelStoreError('The model that ships with Candor cannot be removed.');
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.'))
    throw new ModelStoreError(`${name} is no name of a model; \`candor models list\` shows them.`);
  const folder = path.join(store, name);
  const unfinished = unfinishedFolder(folder);
  const found = [(await isFolder(folder)) && folder, (await isFolder(unfinished)) && unfinished];
  if (!found.some(Boolean))
    throw new ModelStoreError(`There is no model ${name}; \`candor models list\` shows them.`);
  for (const one of found) if (one) await rm(one, { recursive: true, force: true });
}

async function bundleOrWhy(folder: string): Promise<Bundle | string> {
  try {
    return await readBundle(folder);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
