/** The device report: what adapters there are, what was tried, what failed, what to install. Markdown, for a person. */
import { versions } from 'node:process';
import type { Choice } from './choose-device.js';
import { DEVICES, deviceNames, devicesOf, platformHere, platformsOf, type DeviceSetting } from './device.js';
import type { Verdict } from './run-probe.js';
import { roomFor, type Machine } from './try-devices.js';
import type { BundleDescription } from '../bundle.js';

export function deviceReport(
  bundle: BundleDescription,
  setting: DeviceSetting,
  machine: Machine,
  verdicts: readonly Verdict[],
  choice: Choice,
): string {
  const lines = [
    '# Devices',
    '',
    `${bundle.name} runs on **${deviceNames[choice.plan.device]}**. ${choice.why}`,
    '',
    `Setting \`candor.device\`: \`${setting}\`. Platform: ${platformHere}, Node ${versions.node}.`,
    '',
    '## Graphics adapters',
    '',
    ...adapterLines(machine),
    '',
    '## What was tried',
    '',
    '| device | result | ms a token | ms for 1,000 tokens of prompt | logits off by |',
    '| --- | --- | --- | --- | --- |',
    ...verdicts.map(row),
    ...processorRow(verdicts),
    ...verdicts.flatMap(({ device, failure }) =>
      failure ? ['', `**${deviceNames[device]}**: ${failure.problem} ${failure.remedy}`] : [],
    ),
    '',
    ...absentLines(),
    '',
    ...roomLines(bundle, machine),
    ...verdicts.flatMap(detailLines),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function adapterLines({ adapters, drivers }: Machine): readonly string[] {
  const cards = adapters.map(({ name, driver, memory, free }) => {
    const size =
      memory === undefined ? '' : `, ${gigabytes(memory)} GB, ${gigabytes(free ?? 0)} GB of them free`;
    return `- ${name}: ${driver}${size}`;
  });
  const several =
    adapters.length > 1
      ? ['', 'With several adapters, WebGPU takes the one that its driver calls the fastest.']
      : [];
  const icds = drivers.map((file) => `- Vulkan driver: \`${file}\``);
  const found = [...cards, ...icds, ...several];
  return found.length > 0 ? found : ['The system lists none.'];
}

function row({ device, plan, speed, logitError }: Verdict): string {
  const half = plan?.grouped === 'float16' ? ', half precision' : '';
  const result = plan ? `works${half}, prompt in chunks of ${plan.chunkTokens ?? '?'}` : 'does not work';
  const off = logitError === undefined ? '' : `${(100 * logitError).toFixed(1)} %`;
  return `| ${deviceNames[device]} | ${result} | ${ms(speed?.tokenMs)} | ${ms(speed?.prompt1000Ms)} | ${off} |`;
}

function processorRow(verdicts: readonly Verdict[]): readonly string[] {
  const speed = verdicts.find(({ processor }) => processor)?.processor;
  return speed ? [`| CPU | the measure | ${ms(speed.tokenMs)} | ${ms(speed.prompt1000Ms)} | |`] : [];
}

function absentLines(): readonly string[] {
  const here = devicesOf(platformHere);
  return DEVICES.filter((device) => device !== 'wasm')
    .filter((device) => !here.includes(device))
    .map((device) => `${deviceNames[device]} exists on ${platformsOf(device).join(', ')} only.`);
}

function roomLines(bundle: BundleDescription, { adapters }: Machine): readonly string[] {
  const room = roomFor(bundle, adapters);
  return room?.kind === 'fits'
    ? [`Beside the weights, the free memory holds ${room.tokens} tokens.`, '']
    : [];
}

function detailLines({ device, details }: Verdict): readonly string[] {
  if (details.length === 0) return [];
  return [`## What ${deviceNames[device]} said`, '', '```', ...details, '```', ''];
}

function ms(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(1);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
