import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../src/hunting/external/address.ts';
import { createExternalFiles } from '../../src/hunting/external/files.ts';

const ANY = { format: 'txt', options: { ignoreFirstRecord: false, mapping: undefined }, columns: [] };
const CALL = { remainingMs: () => 5_000, signal: undefined };

let folder: string;
let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spoor-external-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Names end in this test's own server, which is only reached where the rules for addresses let it be. */
function files(options: {
  hosts: string[];
  loopback?: boolean;
  names?: Record<string, string[]>;
  now?: () => number;
}) {
  const lookup = ((name: string, _: object, callback: (error: null, found: object[]) => void) => {
    const addresses = options.names?.[name] ?? ['127.0.0.1'];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as never;
  const addressAllowed = (address: string) =>
    isPublicAddress(address) || (options.loopback === true && address === '127.0.0.1');
  return createExternalFiles(
    { map: undefined, hosts: options.hosts, cacheFolder: join(folder, 'cache') },
    { lookup, addressAllowed },
    options.now,
  );
}

async function textOf(found: Awaited<ReturnType<ReturnType<typeof files>['find']>>): Promise<string> {
  if ('refused' in found) return found.refused;
  return found.map(({ path }) => readFileSync(path, 'utf8')).join('');
}

describe('addresses', () => {
  it('are public only where no network is private, local or special', () => {
    const refused = [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '64:ff9b::a00:1',
      '2002:7f00:1::',
      '2001:0:1::',
      '2001:db8::1',
      'localhost',
      '',
    ];
    expect(refused.filter(isPublicAddress)).toEqual([]);
    expect(['8.8.8.8', '2606:4700::1111'].every(isPublicAddress)).toBe(true);
  });
});

describe('the map', () => {
  it('gives the longest fit, a file or one in a folder, and never one outside', async () => {
    writeFileSync(join(folder, 'a.csv'), 'a');
    writeFileSync(join(folder, 'one.txt'), 'one');
    const map = join(folder, 'map.json');
    writeFileSync(map, JSON.stringify({ 'https://x.test/': '.', 'https://x.test/special': 'one.txt' }));
    const found = createExternalFiles({ map, hosts: [], cacheFolder: folder });
    expect(await textOf(await found.find(['https://x.test/a.csv?sig=1;secret'], CALL, ANY))).toBe('a');
    expect(await textOf(await found.find(['https://x.test/special'], CALL, ANY))).toBe('one');
    for (const url of [
      'https://x.test/../map.json',
      'https://x.test/..%2f..%2fetc/passwd',
      'https://y.test/a.csv',
    ])
      expect(await found.find([url], CALL, ANY)).toHaveProperty('refused');
  });
});

describe('fetching', () => {
  it('reads nothing that no setting allows', async () => {
    expect(await files({ hosts: [] }).find(['https://a.test/x'], CALL, ANY)).toHaveProperty('refused');
    const some = files({ hosts: ['a.test'], loopback: true });
    for (const url of [
      'https://b.test/x',
      'http://a.test/x',
      'file:///etc/passwd',
      'https://u:p@a.test/',
      'nothing',
    ])
      expect(await some.find([url], CALL, ANY)).toHaveProperty('refused');
    expect(asked).toEqual([]);
  });

  it('keeps what it fetched, and asks whether it changed', async () => {
    let now = 1_000_000;
    let body = 'first';
    answer = (request, response) => {
      const etag = `"${body}"`;
      if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag, 'cache-control': 'max-age=120' }).end(body);
    };
    const found = files({ hosts: [`http://a.test:${port}`], loopback: true, now: () => now });
    const url = `http://a.test:${port}/list.txt`;
    expect(await textOf(await found.find([url], CALL, ANY))).toBe('first');
    now += 119_000;
    expect(await textOf(await found.find([url, url], CALL, ANY))).toBe('firstfirst');
    expect(asked.length).toBe(1);
    now += 2_000;
    expect(await textOf(await found.find([url], CALL, ANY))).toBe('first');
    expect(asked.length).toBe(2);
    body = 'second';
    now += 700_000;
    expect(await textOf(await found.find([url], CALL, ANY))).toBe('second');
  });

  it('does not go to a private address, by name, by number or by a redirect', async () => {
    answer = (_, response) => response.writeHead(200).end('secret');
    const strict = files({ hosts: [`http://a.test:${port}`, `http://127.0.0.1:${port}`] });
    expect(await strict.find([`http://a.test:${port}/`], CALL, ANY)).toHaveProperty('refused');
    expect(await strict.find([`http://127.0.0.1:${port}/`], CALL, ANY)).toHaveProperty('refused');
    // One address of several is enough: which of them is taken is not ours to hope for.
    const mixed = files({ hosts: [`http://a.test:${port}`], names: { 'a.test': ['8.8.8.8', '127.0.0.1'] } });
    expect(await mixed.find([`http://a.test:${port}/`], CALL, ANY)).toHaveProperty('refused');
    expect(asked).toEqual([]);

    answer = (request, response) =>
      request.url === '/'
        ? response.writeHead(302, { location: `http://inside.test:${port}/x` }).end()
        : response.end('secret');
    const open = files({ hosts: [`http://a.test:${port}`], loopback: true });
    expect(await open.find([`http://a.test:${port}/`], CALL, ANY)).toHaveProperty('refused');
    expect(asked).toEqual(['/']);
  });

  it('follows a redirect to an allowed host, and gives up a ring', async () => {
    answer = (request, response) =>
      request.url === '/'
        ? response.writeHead(301, { location: '/there' }).end()
        : request.url === '/there'
          ? response.end('found')
          : response.writeHead(302, { location: '/ring' }).end();
    const found = files({ hosts: [`http://*.test:${port}`], loopback: true });
    expect(await textOf(await found.find([`http://a.test:${port}/`], CALL, ANY))).toBe('found');
    expect(await found.find([`http://a.test:${port}/ring`], CALL, ANY)).toHaveProperty('refused');
  });

  it('connects to the address that was checked, whatever the name says next', async () => {
    answer = (_, response) => response.end('secret');
    let turn = 0;
    const lookup = ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      turn++;
      // Public the first time, this machine from then on.
      callback(null, [{ address: turn === 1 ? '192.0.1.1' : '127.0.0.1', family: 4 }]);
    }) as never;
    const found = createExternalFiles(
      { map: undefined, hosts: [`http://a.test:${port}`], cacheFolder: folder },
      { lookup },
    );
    const result = await found.find(
      [`http://a.test:${port}/`],
      {
        remainingMs: () => 300,
        signal: undefined,
      },
      ANY,
    );
    expect(result).toHaveProperty('refused');
    expect(asked).toEqual([]);
  });

  it('ends with a server that never ends, or that ends early, and leaves no half file', async () => {
    const found = files({ hosts: [`http://a.test:${port}`], loopback: true });
    answer = (_, response) => void response.writeHead(200).write('a');
    const late = { remainingMs: () => 200, signal: undefined };
    expect(await found.find([`http://a.test:${port}/slow`], late, ANY)).toHaveProperty('refused');
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a');
      setTimeout(() => response.destroy(), 20);
    };
    expect(await found.find([`http://a.test:${port}/short`], CALL, ANY)).toHaveProperty('refused');
    answer = (_, response) => response.writeHead(500).end('no');
    expect(await found.find([`http://a.test:${port}/short`], CALL, ANY)).toHaveProperty('refused');
  });
});
