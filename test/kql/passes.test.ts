import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openEngine } from '../conformance/engine.ts';
import { bothWays } from './both-ways.ts';
import { createRandomTables, randomQuery } from './random-queries.ts';

const QUERIES = 100;

const folder = mkdtempSync(join(tmpdir(), 'spoor-passes-'));
let engine: Engine;
beforeAll(() => {
  engine = openEngine(folder);
  createRandomTables(engine, 1);
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what a limit keeps before an expansion depends on the order', async () => {
  const { on, off } = await bothWays('A | sort by id desc | take 1 | mv-expand d | project id', engine);
  expect([on, off]).toEqual(['id:long\n39', 'id:long\n39']);
});

/** `npm run soak` runs thousands. */
test(`${QUERIES} random queries have the same rows with the passes and without`, async () => {
  let withRows = 0;
  for (let seed = 1; seed <= QUERIES; seed++) {
    const query = randomQuery(seed);
    const { on, off } = await bothWays(query, engine);
    expect(on, `seed ${seed}\n${query}`).toBe(off);
    if (on.includes('\n')) withRows++;
  }
  // A generator of empty answers would find nothing.
  expect(withRows).toBeGreaterThan(QUERIES / 2);
}, 300_000);
