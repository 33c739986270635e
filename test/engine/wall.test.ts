import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHuntLine, upgradeToHuntLink } from '../../src/clickhouse/embedded/line.ts';
import { Sql, sql } from '../../src/clickhouse/sql.ts';
import { huntRows, startTestEngine, type TestEngine } from './harness.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  for (const tenant of ['tenant_a', 'tenant_b']) {
    await engine.database.command(raw(`CREATE DATABASE ${tenant}`));
    await engine.database.command(
      raw(`CREATE TABLE ${tenant}.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a`),
    );
    await engine.database.command(raw(`INSERT INTO ${tenant}.t VALUES (1, '${tenant}')`));
  }
  await engine.database.command(
    raw('CREATE VIEW tenant_a.v AS SELECT a FROM tenant_a.t WHERE a = {p:UInt64}'),
  );
});
afterAll(() => engine.stop());

/** SQL past the compiler, as an attacker who found a hole in it would send it. */
function raw(statement: string): Sql {
  return Sql.fromTemplate([statement], [], 0);
}

const REFUSED = [
  // files, network, processes
  `SELECT file('/etc/passwd')`,
  "SELECT `file`('/etc/passwd')",
  `SELECT FILE('/etc/passwd')`,
  `SELECT * FROM file('/etc/passwd', 'LineAsString')`,
  `SELECT * FROM url('http://127.0.0.1/', 'LineAsString')`,
  `SELECT * FROM s3('http://127.0.0.1/x', 'CSV')`,
  `SELECT * FROM remote('127.0.0.1', system.one)`,
  `SELECT * FROM executable('id', 'TSV', 'x String')`,
  `SELECT * FROM sqlite('/tmp/x', 't')`,
  `SELECT * FROM mysql('127.0.0.1', 'd', 't', 'u', 'p')`,
  `SELECT * FROM filesystem('/')`,
  `SELECT * FROM format(JSONEachRow, '{"a":1}')`,
  `SELECT 1 INTO OUTFILE '/tmp/spoor-wall-test'`,
  `SELECT 1 into/**/outfile '/tmp/spoor-wall-test'`,
  `SELECT * FROM (SELECT 1 INTO OUTFILE '/tmp/spoor-wall-test')`,
  `SELECT 1) INTO OUTFILE '/tmp/spoor-wall-test' (`,
  // hidden in every corner
  `SELECT 1 WHERE 1 IN (SELECT length(file('/etc/passwd')))`,
  `WITH x AS (SELECT file('/etc/passwd') AS f) SELECT f FROM x`,
  `WITH file('/etc/passwd') AS f SELECT f`,
  `SELECT arrayMap(x -> file('/etc/passwd'), [1])`,
  `SELECT 1 FROM tenant_a.t AS l JOIN (SELECT file('/etc/passwd') AS f) AS r ON l.s = r.f`,
  `SELECT 1 FROM tenant_a.t AS l JOIN tenant_b.t AS r ON l.a = r.a`,
  `SELECT sum(a) OVER (PARTITION BY file('/etc/passwd')) FROM tenant_a.t`,
  `SELECT a FROM tenant_a.t ORDER BY file('/etc/passwd') LIMIT 1 BY file('/etc/passwd')`,
  `SELECT a FROM tenant_a.t ARRAY JOIN [file('/etc/passwd')] AS z`,
  `SELECT quantile(toFloat64(file('/etc/passwd')))(a) FROM tenant_a.t`,
  `SELECT * APPLY(file) FROM tenant_a.t`,
  `SELECT * APPLY file FROM tenant_a.t`,
  `SELECT COLUMNS('s') APPLY(x -> file(x)) FROM tenant_a.t`,
  `SELECT 1 UNION ALL SELECT length(file('/etc/passwd'))`,
  `(SELECT 1) UNION ALL (SELECT length(file('/etc/passwd')))`,
  `SELECT EXISTS(SELECT file('/etc/passwd'))`,
  `SELECT (SELECT file('/etc/passwd'))`,
  `SELECT CASE WHEN file('/etc/passwd') = '' THEN 1 END`,
  // other databases
  'SELECT * FROM tenant_b.t',
  'SELECT * FROM `tenant_b`.`t`',
  'SELECT * FROM `tenant_b` . `t`',
  'SELECT * FROM "tenant_b"."t"',
  'SELECT * FROM tenant_b/**/.t',
  'SELECT * FROM system.tables',
  'SELECT * FROM `system`.`processes`',
  'SELECT * FROM information_schema.tables',
  'SELECT 1 IN tenant_b.t',
  'SELECT in(1, tenant_b.t)',
  'SELECT 1 NOT IN (tenant_b.t)',
  'SELECT 1 GLOBAL IN tenant_b.t',
  `SELECT * FROM merge('tenant_b', '.*')`,
  `SELECT * FROM merge('.*')`,
  'SELECT * FROM loop(tenant_b.t)',
  'SELECT * FROM view(SELECT * FROM tenant_b.t)',
  "SELECT * FROM viewIfPermitted(SELECT 1 ELSE null('a UInt8'))",
  `SELECT * FROM cluster('default', tenant_b.t)`,
  `SELECT * FROM dictionary('d')`,
  `SELECT * FROM mergeTreeIndex('tenant_b', 't')`,
  'SELECT * FROM tenant_a.v(p = 1)',
  'SELECT * FROM v(p = 1)',
  `SELECT dictGet('tenant_b.d', 'a', 1)`,
  `SELECT joinGet('tenant_b.j', 'a', 1)`,
  `SELECT hasColumnInTable('tenant_b', 't', 'a')`,
  // the server and its settings
  `SELECT getSetting('max_threads')`,
  'SELECT hostName()',
  'SELECT currentUser()',
  'SELECT user()',
  'SELECT version()',
  `SELECT getMacro('x')`,
  'SELECT sleep(1)',
  'SELECT sleepEachRow(1) FROM numbers(3)',
  'SELECT @@version',
  `SELECT catboostEvaluate('/x', 1)`,
  `SELECT aiGenerate('x', 'y')`,
  'SELECT 1 SETTINGS max_memory_usage = 0',
  'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)',
  'SELECT 1 FORMAT JSON',
  'SELECT 1 PARALLEL WITH SELECT 2',
  // other statements
  'KILL QUERY WHERE 1',
  'EXPLAIN SELECT 1',
  'SELECT * FROM (EXPLAIN SELECT 1)',
  "INSERT INTO tenant_a.t VALUES (2, 'x')",
  'CREATE TABLE tenant_a.x (a UInt8) ENGINE = Memory',
  'DROP TABLE tenant_a.t',
  'ALTER TABLE tenant_a.t DELETE WHERE 1',
  'SYSTEM STOP MERGES',
  'SET readonly = 0',
  'USE tenant_b',
  'SHOW TABLES',
  'DESCRIBE TABLE tenant_b.t',
  'OPTIMIZE TABLE tenant_a.t',
  `BACKUP TABLE tenant_a.t TO File('/tmp/x')`,
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP TABLE tenant_a.t',
  'FROM tenant_b.t SELECT *',
  'SELECT 1 -- comment',
  'SELECT 1 /* comment */',
  'SELECT 1 # comment',
  'graph = 1 SELECT 1',
  '',
  // odd names and quotes
  'SELECT 1 AS `a\nb`',
  'SELECT 1 AS `a\\nSelectQuery (children 1)`',
  'SELECT `a``b`',
  `SELECT 'a''b'`,
  'SELECT $$a$$',
  'SELECT ｆｉｌｅ(1)',
  'SELECT {p:String}',
  `SELECT file\u00a0('/etc/passwd')`,
  'SELECT * FROM `tenant_b.t`',
  'SELECT * FROM `tenant_a.x`.`t`',
];

describe('a statement sent past the compiler is refused', () => {
  test.each(REFUSED)('%s', async (statement) => {
    await expect(huntRows(engine.database, raw(statement))).rejects.toMatchObject({
      code: 'StatementRefused',
    });
  });

  test('and changes nothing', async () => {
    expect(await engine.database.rows(raw('SELECT count() AS n FROM tenant_a.t'))).toEqual([{ n: '1' }]);
  });
});

const ALLOWED = [
  'SELECT a, s FROM tenant_a.t',
  "SELECT `t0`.`a` FROM `tenant_a`.`t` AS `t0` WHERE (`t0`.`a` IN (1, 2)) AND (NOT (`t0`.`s` = 'x'))",
  'WITH `c` AS (SELECT a FROM tenant_a.t) SELECT count() FROM `c` WHERE a IN (SELECT a FROM `c`)',
  'SELECT * EXCEPT (s) FROM tenant_a.t ORDER BY a DESC LIMIT 1 BY a LIMIT 10',
  `SELECT 'file(''.'`.replace("''", "\\'"),
  `SELECT 'SELECT 1; -- INTO OUTFILE x\\n\\0' AS \`file (x) é\``,
  'SELECT countIf(a > 0), sumOrNull(a), argMaxIf(s, a, a > 0), quantilesTDigest(0.5, 0.9)(a), uniqExact(s) FROM tenant_a.t',
  'SELECT row_number() OVER (PARTITION BY s ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM tenant_a.t',
  'SELECT arrayMap(x -> x + 1, [1, 2]), (1, 2).1, [1][1], 1::Int8, CAST(1 AS Nullable(Int64)), INTERVAL 1 DAY',
  'SELECT number FROM numbers(3) UNION ALL SELECT 1 UNION DISTINCT SELECT 2',
  `SELECT * FROM values('a Int8, b String', (1, 'x'))`,
  'SELECT l.a FROM tenant_a.t AS l ANY LEFT JOIN tenant_a.t AS r USING (a)',
  "SELECT multiIf(a = 1, 'x', a BETWEEN 2 AND 3, 'y', 'z') FROM tenant_a.t GROUP BY ALL HAVING count() > 0",
  'SELECT 1 WHERE 0',
];

test.each(ALLOWED)('plain SQL passes: %s', async (statement) => {
  await expect(huntRows(engine.database, raw(statement))).resolves.toBeInstanceOf(Array);
});

test('the check of a normal statement is cheap', async () => {
  const where = Array.from({ length: 40 }, (_, i) => `(lower(s) LIKE '%word${i}%')`).join(' OR ');
  const statement = raw(`SELECT a, count() FROM tenant_a.t WHERE ${where} GROUP BY a ORDER BY a LIMIT 10`);
  await huntRows(engine.database, statement);
  const started = performance.now();
  for (let i = 0; i < 20; i++) await huntRows(engine.database, statement);
  const eachMs = (performance.now() - started) / 20;
  console.log(`a whole small hunt behind the wall takes ${eachMs.toFixed(1)} ms`);
  expect(eachMs).toBeLessThan(200);
});

test('the engine answers nobody without its key', async () => {
  for (const headers of [
    {},
    { authorization: `Basic ${Buffer.from(`spoor:${'0'.repeat(64)}`).toString('base64')}` },
  ]) {
    for (const path of ['/ping', '/', '/hunt', '/?query=SELECT+1']) {
      const response = await fetch(engine.engine.url + path, { method: 'POST', headers, body: 'SELECT 1' });
      expect(response.status).toBe(403);
      expect(response.headers.get('x-clickhouse-exception-code')).toBe('516');
    }
  }
  for (const key of ['0'.repeat(64), '']) {
    const signal = new AbortController().signal;
    const order = { statement: 'SELECT 1', database: 'tenant_a', settings: {} };
    const line = openHuntLine(engine.engine.url, key);
    await expect(line.send(order, signal)).rejects.toThrow('403');
    line.close();
  }
  expect(await engine.database.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
});

test('a link that speaks out of turn is cut, and the engine lives', async () => {
  const { url, key } = engine.engine;
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 1]),
    Buffer.from([0, 0, 0, 1, 1, 0x7b]),
    Buffer.from([0, 0, 0, 0, 9]),
  ]) {
    const socket = await upgradeToHuntLink(url, key, new AbortController().signal);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume().write(bytes);
    await closed;
  }
  expect(await huntRows(engine.database, raw('SELECT 1'))).toEqual([['1']]);
});
