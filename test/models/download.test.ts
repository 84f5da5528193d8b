/** Downloads, against servers on this machine: whole, resumed, retried, through a proxy, from a mirror, and refused. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addModel } from '../../models/manage/add-model.js';
import { addressOf, download, type Download } from '../../models/manage/download.js';
import { randomGguf } from './random-gguf.js';

const file = randomGguf({ family: 'llama', type: () => 'Q8_0' });
const sha256 = createHash('sha256').update(file).digest('hex');

let folder: string;
let servers: Server[] = [];
let requests: IncomingMessage[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'candor-download-'));
  requests = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A server that answers so; its address. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends the file, or the range that is asked for. */
function send(request: IncomingMessage, response: ServerResponse, most = Infinity): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const fresh = request.headers['if-range'] === '"v1"' ? from : 0;
  response.writeHead(fresh > 0 ? 206 : 200, { etag: '"v1"', 'content-length': file.length - fresh });
  response.write(file.subarray(fresh, Math.min(file.length, fresh + most)), () => {
    if (most === Infinity) response.end();
    // What is under way when a connection is torn down may be lost: let it arrive.
    else setTimeout(() => response.destroy(), 50);
  });
}

const fetched = (url: string, more: Partial<Download> = {}) =>
  download({ url, folder: path.join(folder, 'downloads'), patience: 1, ...more });

test('arrives whole, with its SHA-256', async () => {
  const base = await serve(send);
  const shares: number[] = [];
  const got = await fetched(`${base}/model.gguf`, { sha256, onProgress: (share) => shares.push(share) });
  expect(got.sha256).toBe(sha256);
  expect(readFileSync(got.file).equals(file)).toBe(true);
  expect(shares.at(-1)).toBe(1);
});

test('goes on where the connection broke, again and again', async () => {
  const base = await serve((request, response) => {
    send(request, response, 300_000);
  });
  const got = await fetched(`${base}/model.gguf`, { sha256 }).catch((error: unknown) => error);
  const ranges = requests.map(({ headers }) => headers.range);
  expect(ranges[0]).toBeUndefined();
  // What had been sent when the connection broke may not all have arrived.
  const from = Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? '')?.[1]);
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(300_000);
  // Five attempts of 300 kB are all of it, or the next call has the rest.
  const rest =
    got instanceof Error ? await fetched(`${base}/model.gguf`, { sha256 }) : (got as { file: string });
  expect(readFileSync(rest.file).equals(file)).toBe(true);
});

test('begins anew when the file has changed in between', async () => {
  let version = '"v0"';
  const base = await serve((request, response) => {
    if (version === '"v0"') {
      response.writeHead(200, { etag: version, 'content-length': file.length });
      response.write(Buffer.alloc(5000), () => response.destroy());
      version = '"v1"';
    } else send(request, response);
  });
  const got = await fetched(`${base}/model.gguf`, { sha256 });
  expect(readFileSync(got.file).equals(file)).toBe(true);
});

test('is tried again after a server error, and given up on after five', async () => {
  const base = await serve((_, response) => {
    response.writeHead(503).end();
  });
  await expect(fetched(`${base}/model.gguf`)).rejects.toThrow(/5 attempts: the server says 503/);
  expect(requests).toHaveLength(5);
});

test('is not tried again when there is no such file', async () => {
  const base = await serve((_, response) => {
    response.writeHead(404).end();
  });
  await expect(fetched(`${base}/model.gguf`)).rejects.toThrow(/says 404/);
  expect(requests).toHaveLength(1);
});

test('is thrown away when it is not what it should be', async () => {
  const base = await serve(send);
  await expect(fetched(`${base}/model.gguf`, { sha256: '0'.repeat(64) })).rejects.toThrow(/SHA-256 is/);
  expect(readdirSync(path.join(folder, 'downloads'))).toEqual([]);
});

test('is held to what the hub says of it', async () => {
  const base = await serve((request, response) => {
    if (request.url === '/blob') send(request, response);
    else response.writeHead(302, { location: '/blob', 'x-linked-etag': `"${'1'.repeat(64)}"` }).end();
  });
  await expect(fetched(`${base}/model.gguf`)).rejects.toThrow(new RegExp(`instead of ${'1'.repeat(64)}`));
});

test('comes through the proxy that is named', async () => {
  const base = await serve(send);
  const tunnels: string[] = [];
  const proxy = createServer();
  servers.push(proxy);
  proxy.on('connect', ({ url }: IncomingMessage, socket: Socket) => {
    tunnels.push(url!);
    const [host, port] = url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const got = await fetched(`${base}/model.gguf`, { sha256, proxy: address });
  expect(got.sha256).toBe(sha256);
  expect(tunnels).toEqual([base.slice('http://'.length)]);
});

test('stops when told to, and goes on later', async () => {
  const stop = new AbortController();
  const base = await serve((request, response) => {
    if (requests.length > 1) {
      send(request, response);
      return;
    }
    response.writeHead(200, { etag: '"v1"', 'content-length': file.length });
    response.write(file.subarray(0, 100_000));
  });
  const stopped = fetched(`${base}/model.gguf`, {
    signal: stop.signal,
    onProgress: () => {
      stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(/goes on where it stopped/);
  const got = await fetched(`${base}/model.gguf`, { sha256 });
  expect(requests[1]!.headers.range).toMatch(/^bytes=\d+-$/);
  expect(readFileSync(got.file).equals(file)).toBe(true);
});

test('a disk that fills up is told, and nothing stays on it', async () => {
  const base = await serve(send);
  const promises = await import('node:fs/promises');
  let left = 100_000;
  vi.resetModules();
  vi.doMock('node:fs/promises', () => ({
    ...promises,
    open: async (...asked: Parameters<typeof promises.open>) => {
      const handle = await promises.open(...asked);
      const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number) => Promise<unknown>;
      const limited = (bytes: Uint8Array, at: number): Promise<unknown> => {
        left -= bytes.length - at;
        return left < 0 ? Promise.reject(noSpace()) : write(bytes, at);
      };
      return Object.assign(handle, { write: limited });
    },
  }));
  try {
    const { download: toFull } = await import('../../models/manage/download.js');
    const downloads = path.join(folder, 'downloads');
    const stopped = toFull({ url: `${base}/model.gguf`, folder: downloads, patience: 1 });
    await expect(stopped).rejects.toThrow(/disk of .*downloads is full.*has been removed/);
    expect(requests).toHaveLength(1);
    expect(readdirSync(downloads)).toEqual([]);
  } finally {
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
  }
});

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

test.each([
  ['http://example.com/model.gguf', /only https/],
  ['ftp://example.com/model.gguf', /only https/],
  ['file:///etc/passwd', /only https/],
  ['https://', /no address/],
])('%s is not fetched', async (url, message) => {
  await expect(fetched(url)).rejects.toThrow(message);
  expect(existsSync(path.join(folder, 'downloads'))).toBe(false);
});

test('a redirection may not lead away from encryption', async () => {
  const base = await serve((_, response) => {
    response.writeHead(302, { location: 'http://example.com/model.gguf' }).end();
  });
  await expect(fetched(`${base}/model.gguf`)).rejects.toThrow(/only https/);
});

test('the mirror stands for the hub, and the page of a file for the file', () => {
  const url = 'https://huggingface.co/Qwen/Q/blob/main/q.gguf';
  expect(addressOf({ url }).href).toBe('https://huggingface.co/Qwen/Q/resolve/main/q.gguf');
  expect(addressOf({ url, mirror: 'https://mirror.example/hf/' }).href).toBe(
    'https://mirror.example/hf/Qwen/Q/resolve/main/q.gguf',
  );
  expect(
    addressOf({ url: 'https://elsewhere.example/a.gguf', mirror: 'https://mirror.example' }).hostname,
  ).toBe('elsewhere.example');
});

test('a model is added from an address, and the file does not stay', async () => {
  const base = await serve(send);
  const store = path.join(folder, 'store');
  const added = await addModel({ from: `${base}/tiny-q8_0.gguf`, store, sha256 });
  expect(added.bundle.provenance).toMatchObject({ file: 'tiny-q8_0.gguf', sha256 });
  expect(readdirSync(path.join(store, '.downloads'))).toEqual([]);
});
