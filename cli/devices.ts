/** Devices from the command line: where the model runs, and the report on all of them. */
import path from 'node:path';
import { usualStore } from '../language-server/completion/hole-promises.js';
import { defaultSettings } from '../language-server/default-settings.js';
import { EngineDevices } from '../language-server/engine-devices.js';
import { readBundle, type Bundle } from '../language-server/inference/bundle.js';
import type { Choice } from '../language-server/inference/devices/choose-device.js';
import { threadsFor } from '../language-server/open-engine.js';
import { modelsFolder, resolveModel, SHIPPED } from '../models/manage/model-store.js';
import type { Options } from './arguments.js';

/** Where a bundle is to run, as far as the flags and this machine's memory say. Close it when the engine has ended. */
export async function devicesFor(root: string, bundle: Bundle, options: Options): Promise<EngineDevices> {
  return EngineDevices.here({
    setting: options.device,
    bundle,
    threads: options.threads ?? threadsFor(defaultSettings.threads),
    storage: usualStore(process.env),
    probeScript: path.join(root, 'dist/probe.mjs'),
  });
}

/** A device that is asked for by name is tried when it is not known yet; where it does not work, `tell` hears why. */
export async function chosenDevice(
  devices: EngineDevices,
  { device }: Options,
  progress: (what: string) => void,
  tell: (line: string) => void,
): Promise<Choice> {
  const known = await devices.choose();
  if (device === 'auto') return known;
  if (known.untried.length > 0) progress(known.why);
  const choice = known.untried.length > 0 ? await devices.settle(known) : known;
  if (choice.plan.device !== device) tell(`The CPU is used. ${choice.why}`);
  return choice;
}

/** `candor devices`: tries them all. */
export async function runDevices(
  root: string,
  shippedBundle: string,
  options: Options,
  print: (text: string) => void,
  progress: (what: string) => void,
): Promise<void> {
  const shipped = path.join(root, shippedBundle);
  const folder = await resolveModel(options.bundle ?? SHIPPED, modelsFolder(process.env), shipped);
  progress('Trying the devices of this machine');
  const devices = await devicesFor(root, await readBundle(folder), options);
  try {
    print(await devices.report());
  } finally {
    await devices.close();
  }
}
