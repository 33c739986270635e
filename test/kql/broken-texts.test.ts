import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createTable } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { compile } from '../../src/kql/index.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const catalog = loadCatalog();
const folder = mkdtempSync(join(tmpdir(), 'spoor-broken-texts-'));
let engine: Engine;

beforeAll(() => {
  engine = openEngine(folder);
  engine.command(createDatabase('broken').text);
  const table = catalog.tables.get('DeviceEvents');
  if (table === undefined) throw new Error('no table DeviceEvents');
  engine.command(createTable('broken', table).text);
  // The bytes begin characters that are cut off; together the last two would be one.
  engine.command(`INSERT INTO broken.DeviceEvents (Timestamp, DeviceId, FileName, _arrival, _ingested)
    SELECT now64(7), device, file, 1, now64(7) FROM values('device String, file String',
      ('whole', 'a"b'), ('whole', 'é'), ('cut', unhex('61F0')), ('cut', 'z'), ('halves', unhex('E282')), ('halves', unhex('AC')))`);
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(['make_set(FileName)', 'make_list(FileName)', "make_list(strcat(FileName, ''))"])(
  '%s keeps texts that are no UTF-8 apart from those beside them',
  async (aggregation) => {
    const query = `DeviceEvents | sort by FileName asc | summarize s = ${aggregation} by DeviceId | sort by DeviceId asc`;
    const outcome = compile(query, catalog, {
      nowTicks: 17_149_792_890_000_000n,
      database: 'broken',
      existing: new Set(['DeviceEvents']),
    });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const rows = await engine.select(outcome.statement.text);
    const sets = rows.map((cells) =>
      cells.map((cell, i) => (i === 0 ? JSON.parse(cell) : JSON.parse(JSON.parse(cell)))),
    );
    expect(sets).toEqual([
      ['cut', ['a\ufffd', 'z']],
      ['halves', ['\ufffd', '\ufffd']],
      ['whole', ['a"b', 'é']],
    ]);
  },
);
