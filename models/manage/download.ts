/** Fetches one file when the user asks for it: resumes, retries, goes through proxies, and checks what arrived. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EnvHttpProxyAgent, fetch, type Dispatcher, type Response } from 'undici';
import { ConversionCancelled } from '../convert/cancelled.js';
import { ConversionError } from '../convert/model-source.js';

export interface Download {
  readonly url: string;
  /** Where the file is put, and what has arrived of it is kept between attempts. */
  readonly folder: string;
  /** What the file must be, as hexadecimal digits; without it, what the server says of it, if it does. */
  readonly sha256?: string;
  /** Where to fetch from instead of https://huggingface.co. */
  readonly mirror?: string;
  /** Proxy for all of it; else what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. */
  readonly proxy?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
  /** Milliseconds before a second attempt; doubles with each further one. */
  readonly patience?: number;
}

export interface Downloaded {
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
}

const HUB = 'https://huggingface.co';
const ATTEMPTS = 5;
const MOST_REDIRECTS = 6;

/** An answer that another attempt would not change. */
class Refused extends ConversionError {}

/** @throws ConversionError in words; ConversionCancelled when stopped, and then the next call goes on. */
export async function download(request: Download): Promise<Downloaded> {
  const url = addressOf(request);
  await mkdir(request.folder, { recursive: true });
  const { proxy } = request;
  const name = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const part = path.join(request.folder, `${name}.part`);
  // Fetched before, by a call that stopped while it was converted.
  const whole = fileOf(part);
  if (await stat(whole).catch(() => undefined)) {
    await rename(whole, part);
    return checked(url, part, undefined, request);
  }
  const agent = new EnvHttpProxyAgent(proxy ? { httpProxy: proxy, httpsProxy: proxy } : {});
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const said = await fetchRest(url, part, agent, request);
        return await checked(url, part, said, request);
      } catch (error) {
        if (request.signal?.aborted) throw new ConversionCancelled();
        if (error instanceof ConversionError) throw error;
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw await fullDisk(part, error);
        if (attempt === ATTEMPTS) {
          throw new ConversionError(
            `${url.href} cannot be fetched after ${ATTEMPTS} attempts: ${reasonOf(error)}. The next attempt goes on where this one stopped.`,
            { cause: error },
          );
        }
        await wait((request.patience ?? 1000) * 2 ** (attempt - 1));
      }
    }
  } finally {
    await agent.close();
  }
}

/** The address to fetch: a page of the hub becomes its file, and the mirror stands for the hub. */
export function addressOf({ url, mirror }: Pick<Download, 'url' | 'mirror'>): URL {
  let text = url;
  if (text.startsWith(`${HUB}/`)) {
    text = text.replace('/blob/', '/resolve/');
    if (mirror) text = mirror.replace(/\/+$/, '') + text.slice(HUB.length);
  }
  const address = parsed(text);
  if (!address) throw new ConversionError(`${url} is no address.`);
  refuseUnsafe(address);
  return address;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Nothing unencrypted comes from another machine. */
function refuseUnsafe({ protocol, hostname, href }: URL): void {
  const isHere = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return;
  throw new Refused(`${href} is not fetched: only https: addresses are.`);
}

/** Appends what is missing, and returns the SHA-256 that the server says the file has, if it does. */
async function fetchRest(
  url: URL,
  part: string,
  agent: Dispatcher,
  { signal, onProgress }: Download,
): Promise<string | undefined> {
  const known = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const tag = known > 0 ? await readFile(`${part}.tag`, 'utf8').catch(() => '') : '';
  const range = known > 0 && tag !== '' ? { range: `bytes=${known}-`, 'if-range': tag } : {};
  const { response, said } = await follow(url, range, agent, signal);
  if (response.status === 416) {
    await rm(part, { force: true });
    throw new Error('the server has a shorter file than before');
  }
  if (response.status >= 500 || response.status === 429)
    throw new Error(`the server says ${response.status}`);
  if (!response.ok || !response.body) {
    throw new Refused(`${url.href} cannot be fetched: the server says ${response.status}.`);
  }
  const start = response.status === 206 ? known : 0;
  const length = Number(response.headers.get('content-length') ?? NaN);
  await refuseWithoutRoom(part, length);
  await writeFile(`${part}.tag`, response.headers.get('etag') ?? '');
  const file = await open(part, start > 0 ? 'a' : 'w');
  let written = start;
  try {
    for await (const piece of response.body) {
      const bytes = piece as Uint8Array;
      // A disk that is nearly full takes a part first, and fails at the next.
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
      written += bytes.length;
      onProgress?.(Number.isFinite(length) ? written / (start + length) : 0);
    }
  } finally {
    await file.close();
  }
  if (Number.isFinite(length) && written !== start + length)
    throw new Error(`the connection ended after ${written} of ${start + length} bytes`);
  return said;
}

/** Follows redirections by hand: the hub says what the file is before it sends elsewhere. */
async function follow(
  url: URL,
  headers: Record<string, string>,
  agent: Dispatcher,
  signal: AbortSignal | undefined,
): Promise<{ response: Response; said: string | undefined }> {
  let at = url;
  let said: string | undefined;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(at, {
      headers: { ...headers, 'accept-encoding': 'identity' },
      dispatcher: agent,
      redirect: 'manual',
      ...(signal && { signal }),
    });
    const tag = /[0-9a-f]{64}/i.exec(response.headers.get('x-linked-etag') ?? '')?.[0];
    said ??= tag?.toLowerCase();
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return { response, said };
    await response.body?.cancel();
    at = new URL(location, at);
    refuseUnsafe(at);
  }
  throw new Refused(`${url.href} is redirected too often.`);
}

async function checked(
  url: URL,
  part: string,
  said: string | undefined,
  { sha256 }: Download,
): Promise<Downloaded> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(part, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  const found = hash.digest('hex');
  const wanted = sha256 ?? said;
  await rm(`${part}.tag`, { force: true });
  if (wanted !== undefined && wanted !== found) {
    await rm(part, { force: true });
    throw new ConversionError(
      `What ${url.href} sent is not what it should be: its SHA-256 is ${found} instead of ${wanted}. It has been removed.`,
    );
  }
  const file = fileOf(part);
  await rename(part, file);
  return { file, url: url.href, sha256: found };
}

function fileOf(part: string): string {
  return part.replace(/\.part$/, '.gguf');
}

/** Going on later would need the room that is not there: what has arrived is given up. */
async function fullDisk(part: string, cause: unknown): Promise<ConversionError> {
  for (const file of [part, `${part}.tag`]) await rm(file, { force: true });
  const disk = path.dirname(part);
  return new ConversionError(
    `The disk of ${disk} is full. What had been fetched has been removed; make room and start again.`,
    { cause },
  );
}

async function refuseWithoutRoom(part: string, length: number): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(part));
  if (!(bavail * bsize < length)) return;
  throw new ConversionError(
    `The file has ${Math.ceil(length / 1e6)} MB left to fetch, but the disk of ${path.dirname(part)} only ${Math.floor((bavail * bsize) / 1e6)} MB of room.`,
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
