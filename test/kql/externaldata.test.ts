import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Session } from 'chdb';
import { afterAll, describe, expect, it } from 'vitest';
import { createExternalFiles } from '../../src/hunting/external/files.ts';
import { zip } from '../ingest/zip.ts';
import { useRows } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoor-externaldata-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CSV = 'name,n,when,bag\r\n"a, ""b""",1,2024-05-06T07:08:09.1234567Z,"{""k"":[1]}"\r\n\r\nc,x,,\n';
const FILES: Readonly<Record<string, Buffer | string>> = {
  'a.csv': CSV,
  'a.tsv': 'p\t1\nq\t2\n',
  'a.tsve': 'p\\tq\\\\\t1\n',
  'a.psv': 'p|1\n',
  'a.txt': 'one, two\r\nthree\n',
  'a.raw': 'all\nof it',
  'a.json': '{"name":"x","n":1,"in":{"k":2}}\n{"name":"y","big":9223372036854775807}\n',
  'a.multijson': '[{"name":"x",\n"n":1},{"name":"y"}]',
  'several.multijson': '{"name":"x {",\n"n":1}\n{"name":"y"}',
  'a.csv.gz': gzipSync(CSV),
  'a.csv.zip': zip([
    { name: 'one.csv', content: CSV },
    { name: 'two.csv', content: 'name,n\nd,4\n' },
  ]),
  'bomb.csv.gz': gzipSync(Buffer.alloc(200 * 1024 * 1024, 'a')),
  'bomb.csv.zip': zip([{ name: 'x', content: Buffer.alloc(200 * 1024 * 1024, 'a') }]),
  'long.csv': `a,${'b'.repeat(17 * 1024 * 1024)}\n`,
  'broken.csv.gz': Buffer.from([0x1f, 0x8b, 1, 2, 3]),
  'broken.json': '{"a":',
  'broken.parquet': 'PAR1 no',
};
for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
writeFileSync(join(folder, 'map.json'), JSON.stringify({ 'https://x.test/': '.' }));
const parquet = new Session(join(folder, 'engine'));
parquet.query(
  `SELECT number AS n, concat('s', toString(number)) AS name, toDateTime64('2024-01-02 03:04:05.678', 3, 'UTC') AS at,
     [1, 2] AS list FROM numbers(2) INTO OUTFILE '${join(folder, 'a.parquet')}' FORMAT Parquet
     SETTINGS output_format_parquet_compression_method = 'gzip'`,
  'Null',
);
parquet.close();

const rows = useRows(createExternalFiles({ map: join(folder, 'map.json'), hosts: [], cacheFolder: folder }));
const of = (file: string, columns: string, more = ''): Promise<readonly string[]> =>
  rows(`externaldata (${columns}) [@'https://x.test/${file}'] ${more}`);

describe('externaldata', () => {
  it('reads delimited text, each field as the engine converts it', async () => {
    const typed = 'name: string, n: long, when: datetime, bag: dynamic';
    const both = ['["a, \\"b\\"",1,"2024-05-06T07:08:09.1234567Z","{\\"k\\":[1]}"]', '["c",null,null,""]'];
    expect(await of('a.csv', typed, 'with (ignoreFirstRecord=true)')).toEqual(both);
    expect(await of('a.csv.gz', typed, "with (format='csv', IgnoreFirstRecord=True)")).toEqual(both);
    expect((await of('a.csv.zip', 'name: string', 'with (ignoreFirstRecord=true)')).length).toBe(3);
    expect((await of('a.csv', 'name: string')).length).toBe(3);
    expect(await of('a.tsv', 's: string, n: int')).toEqual(['["p",1]', '["q",2]']);
    expect(await of('a.tsve', 's: string, n: int')).toEqual(['["p\\tq\\\\",1]']);
    expect(await of('a.psv', 's: string, n: real')).toEqual(['["p",1]']);
    expect(await of('a.txt', 'line: string')).toEqual(['["one, two"]', '["three"]']);
    expect(await of('a.raw', 'all: string')).toEqual(['["all\\nof it"]']);
    expect(await of('a.csv', 's: string', 'with (format=txt, ignoreFirstRecord=true) | count')).toEqual([
      '[3]',
    ]);
  });

  it('reads JSON and Parquet by name or by a mapping', async () => {
    const columns = 'name: string, n: long, big: long';
    expect(await of('a.json', columns)).toEqual(['["x",1,null]', '["y",null,9223372036854775807]']);
    for (const file of ['a.multijson', 'several.multijson'])
      expect((await of(file, 'name: string, n: long')).length).toBe(2);
    const mapping = `[{"Column":"k","Properties":{"Path":"$.in.k"}},{"Column":"who","Path":"$['name']"},{"Column":"c","Properties":{"ConstValue":"z"}}]`;
    expect(
      await of(
        'a.json',
        'who: string, k: long, c: string',
        `with (ingestionMapping='${mapping.replaceAll("'", "\\'")}')`,
      ),
    ).toEqual(['["x",2,"z"]', '["y",null,"z"]']);
    const ordinals = `with (ignoreFirstRecord=true, ingestionMapping='[{"Column":"n","Properties":{"Ordinal":"1"}},{"Column":"s","Ordinal":0}]')`;
    expect(await of('a.csv', 's: string, n: long', ordinals)).toEqual(['["a, \\"b\\"",1]', '["c",null]']);
    expect(await of('a.parquet', 'name: string, n: long, at: datetime, list: dynamic')).toEqual([
      '["s0",0,"2024-01-02T03:04:05.6780000Z","[1,2]"]',
      '["s1",1,"2024-01-02T03:04:05.6780000Z","[1,2]"]',
    ]);
  });

  it('stands wherever a table may', async () => {
    const ext = `let E = externaldata (s: string, n: long) [h@'https://x.test/a.tsv;secret', 'https://x.test/a.psv'] with (format='tsv');`;
    expect(await rows(`${ext} E | where isnotnull(n) | summarize max(n), count()`)).toEqual(['[2,2]']);
    expect(await rows(`${ext} print x = 'q' | where x in ((E | project s))`)).toEqual(['["q"]']);
    expect(await rows(`${ext} print s = 'q' | join kind=inner E on s | project n`)).toEqual(['[2]']);
    expect(
      await rows(`${ext} print l = toscalar(E | summarize make_list(n)) | mv-expand l to typeof(long)`),
    ).toEqual(['[1]', '[2]']);
    expect(
      await rows(`${ext} let L = toscalar(E | summarize make_set(s)); print 'a p c' has_any (L)`),
    ).toEqual(['[true]']);
  });

  it('tells what it cannot read', async () => {
    const two = 'a: string, b: string';
    expect(await rows(`externaldata (a: string) ['https://y.test/x.csv']`)).toEqual(['SPOOR007']);
    for (const file of [
      'bomb.csv.gz',
      'bomb.csv.zip',
      'long.csv',
      'broken.csv.gz',
      'broken.json',
      'broken.parquet',
    ])
      expect([file, await of(file, two)]).toEqual([file, ['SPOOR008']]);
    expect(await of('a.csv', two, 'with (format=avro)')).toEqual(['SPOOR001']);
    expect(await of('a.csv', two, "with (ingestionMappingReference='m')")).toEqual(['SPOOR002']);
  });
});
