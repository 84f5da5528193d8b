/** The graphics adapters of this machine, as the system's own tools list them: for choosing, and for the report. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { release } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Adapter {
  /** As its maker calls it, or the numbers of maker and model. */
  readonly name: string;
  /** Name and version of the driver, as far as the system says. */
  readonly driver: string;
  /** Bytes of its own memory, in all and free; undefined where nobody says. */
  readonly memory?: number;
  readonly free?: number;
}

/** Tools are asked for this long, in milliseconds. */
const TOOL_MS = 10_000;

/** Never rejects: what cannot be found out is left out. */
export async function listAdapters(): Promise<readonly Adapter[]> {
  const { platform } = process;
  if (platform === 'win32') return windowsAdapters();
  if (platform === 'darwin') return macAdapters();
  if (platform !== 'linux') return [];
  const nvidia = await nvidiaAdapters();
  const others = await pciAdapters();
  return [...nvidia, ...others.filter(({ driver }) => nvidia.length === 0 || !driver.startsWith('nvidia'))];
}

async function nvidiaAdapters(): Promise<readonly Adapter[]> {
  const query = '--query-gpu=name,driver_version,memory.total,memory.free';
  const lines = await output('nvidia-smi', [query, '--format=csv,noheader,nounits']);
  return parseNvidia(lines);
}

/** One line an adapter: name, driver version, megabytes in all, megabytes free. */
export function parseNvidia(lines: string): readonly Adapter[] {
  return lines
    .split('\n')
    .map((line) => line.split(', '))
    .filter((fields) => fields.length === 4)
    .map(([name, version, memory, free]) => ({
      name: name!,
      driver: `nvidia ${version!}`,
      memory: Number(memory) * 2 ** 20,
      free: Number(free) * 2 ** 20,
    }));
}

/** Displays and 3D controllers on the PCI bus. */
async function pciAdapters(): Promise<readonly Adapter[]> {
  const bus = '/sys/bus/pci/devices';
  const adapters: Adapter[] = [];
  for (const slot of await listed(bus)) {
    const read = (file: string) => text(path.join(bus, slot, file));
    if (!(await read('class')).startsWith('0x03')) continue;
    const driver = path.basename(await readlink(path.join(bus, slot, 'driver')).catch(() => 'no driver'));
    const version = await text(`/sys/module/${driver}/version`);
    const [total, used] = [await read('mem_info_vram_total'), await read('mem_info_vram_used')].map(Number);
    adapters.push({
      name: `${vendorName(await read('vendor'))} ${await read('device')}`,
      driver: `${driver} ${version}`.trim(),
      ...(total ? { memory: total, free: total - (used ?? 0) } : {}),
    });
  }
  return adapters;
}

function vendorName(number: string): string {
  const names: Readonly<Record<string, string>> = {
    '0x10de': 'NVIDIA',
    '0x1002': 'AMD',
    '0x8086': 'Intel',
    '0x1af4': 'virtio',
    '0x15ad': 'VMware',
  };
  return names[number] ?? number;
}

async function windowsAdapters(): Promise<readonly Adapter[]> {
  const ask = 'Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json';
  const answer = parsed(await output('powershell', ['-NoProfile', '-Command', ask]));
  return (Array.isArray(answer) ? answer : [answer]).filter(isRecord).map((entry) => ({
    name: words(entry.Name),
    driver: words(entry.DriverVersion),
  }));
}

async function macAdapters(): Promise<readonly Adapter[]> {
  const answer = parsed(await output('system_profiler', ['SPDisplaysDataType', '-json']));
  const displays = isRecord(answer) ? answer.SPDisplaysDataType : undefined;
  return (Array.isArray(displays) ? displays : []).filter(isRecord).map((entry) => ({
    name: words(entry.sppci_model),
    driver: `macOS ${release()}`,
  }));
}

async function output(program: string, words: readonly string[]): Promise<string> {
  const run = promisify(execFile)(program, words, { timeout: TOOL_MS, windowsHide: true });
  return run.then(
    ({ stdout }) => stdout,
    () => '',
  );
}

async function listed(folder: string): Promise<readonly string[]> {
  return readdir(folder).then(
    (names) => names.sort(),
    () => [],
  );
}

async function text(file: string): Promise<string> {
  return readFile(file, 'utf8').then(
    (content) => content.trim(),
    () => '',
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
