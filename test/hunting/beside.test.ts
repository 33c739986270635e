import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { BesideJob } from '../../src/hunting/beside/job.ts';
import { openPlaces } from '../../src/hunting/beside/places.ts';
import { type Beside, createBeside } from '../../src/hunting/beside/pool.ts';
import { requireBuilt } from '../built.ts';
import { mmdb } from './mmdb.ts';

requireBuilt();
const folder = mkdtempSync(join(tmpdir(), 'spoor-beside-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const started: Beside[] = [];
afterEach(async () => {
  for (const beside of started.splice(0)) await beside.close();
});

function start(placesPath?: string): Beside {
  const beside = createBeside(1, placesPath);
  started.push(beside);
  return beside;
}

/** Reads a file's lines, or its JSON: work that takes as long as the file is large. */
function reading(
  name: string,
  content: string,
  changed: Partial<BesideJob> & { format?: string } = {},
): BesideJob {
  const path = join(folder, name);
  writeFileSync(path, content);
  const { format = 'txt', ...rest } = changed;
  const options = { ignoreFirstRecord: false, mapping: undefined };
  return {
    work: { kind: 'external', urls: ['x'], format, options },
    inputs: [],
    columns: [{ name: 'line', type: format === 'txt' ? 'string' : 'dynamic' }],
    files: [{ url: 'x', path }],
    maxRows: 1000,
    maxBytes: 1_000_000,
    timeoutMs: 30_000,
    ...rest,
  };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'done',
    (error: { code?: unknown }) => error.code,
  );
}

describe('work beside the engine', () => {
  it('answers rows as the engine takes them', async () => {
    const answer = await start().run(reading('a.txt', 'one\n"two"\n'));
    if (answer.kind !== 'rows') throw new Error(answer.kind);
    expect(Buffer.from(answer.body).toString()).toBe('["one"]\n["\\"two\\""]\n');
  });

  it('refuses more rows or bytes than allowed', async () => {
    const beside = start();
    expect(await codeOf(beside.run(reading('b.txt', 'x\n'.repeat(1001))))).toBe('QueryMemoryExceeded');
    const wide = reading('c.txt', `${'x'.repeat(2_000_000)}\ny\n`);
    expect(await codeOf(beside.run(wide))).toBe('QueryMemoryExceeded');
  });

  it('ends work at its deadline, also where it does not look at the clock, and goes on with the next', async () => {
    const beside = start();
    const slow = { format: 'multijson', timeoutMs: 60 };
    const large = `[${'{"a":[1,2,3,4,5,6,7,8]},'.repeat(2_000_000)}1]`;
    expect(await codeOf(beside.run(reading('d.json', large, slow)))).toBe('QueryTimeout');
    expect(await codeOf(beside.run(reading('e.txt', 'x\n')))).toBe('done');
  });

  it('ends work that its caller gives up, running or waiting', async () => {
    const beside = start();
    const stop = new AbortController();
    const large = `[${'{"a":[1,2,3,4,5,6,7,8]},'.repeat(2_000_000)}1]`;
    const running = codeOf(beside.run(reading('f.json', large, { format: 'multijson' }), stop.signal));
    const waiting = codeOf(beside.run(reading('g.txt', 'x\n'), stop.signal));
    setTimeout(() => stop.abort(), 100);
    expect([await running, await waiting]).toEqual(['QueryCancelled', 'QueryCancelled']);
    expect(await codeOf(beside.run(reading('h.txt', 'x\n')))).toBe('done');
  });
});

describe('a database of places', () => {
  const city = {
    country: { iso_code: 'AU', names: { en: 'Australia', de: 'Australien' } },
    subdivisions: [{ iso_code: 'NSW', names: { en: 'New South Wales' } }],
    city: { names: { en: 'Sydney' } },
    location: { latitude: -33.8715, longitude: 151.2006 },
  };
  const database = mmdb([
    { network: '20.53.0.0/16', record: city },
    { network: '8.8.8.0/24', record: { country: { names: { en: 'United States' } } } },
    { network: '1.1.1.0/24', record: { autonomous_system_number: 1 } },
  ]);

  it('tells what it knows of an address, in the documented form', () => {
    mkdirSync(join(folder, 'geo'), { recursive: true });
    writeFileSync(join(folder, 'geo', 'city.mmdb'), database);
    for (const path of [join(folder, 'geo'), join(folder, 'geo', 'city.mmdb')]) {
      const places = openPlaces(path);
      expect(JSON.stringify(places('20.53.203.50'))).toBe(
        '{"country":"Australia","state":"New South Wales","city":"Sydney","latitude":-33.8715,"longitude":151.2006}',
      );
      expect(places('8.8.8.8')).toEqual({ country: 'United States' });
      for (const nothing of ['1.1.1.1', '9.9.9.9', '::1', 'x', '', null]) expect(places(nothing)).toBe(null);
    }
    expect(() => createBeside(1, join(folder, 'nothing.mmdb'))).toThrow();
  });

  it('answers in a thread', async () => {
    const beside = start(join(folder, 'geo'));
    expect(beside.places).toBe(true);
    const answer = await beside.run({
      ...reading('i.txt', ''),
      work: { kind: 'scalar', name: 'geo_info_from_ip_address', result: 'dynamic' },
      inputs: [{ columns: [{ name: 'a', type: 'string' }], rows: [['"8.8.8.8"'], ['""']] }],
      columns: [
        { name: 'a', type: 'string' },
        { name: 'r', type: 'dynamic' },
      ],
    });
    if (answer.kind !== 'rows') throw new Error(answer.kind);
    expect(Buffer.from(answer.body).toString()).toBe(
      '["8.8.8.8","{\\"country\\":\\"United States\\"}"]\n["",""]\n',
    );
  });
});
