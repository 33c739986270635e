import { createDatabase, createTable } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Sql } from '../../src/clickhouse/sql.ts';
import { createDeviceScopes } from '../../src/hunting/device-scope.ts';
import type { CompileOptions } from '../../src/kql/index.ts';
import type { DeviceScope, GroupScope } from '../../src/model/device-scope.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';
import { compileStaged } from '../conformance/staged.ts';
import { makeQuery } from './queries.ts';
import { createRandom, type Random } from './random.ts';
import { makeGroups, makeWorld, NOW_TICKS, seenRows, type World } from './world.ts';

export interface PropertyRun {
  readonly queries: number;
  /** Queries that the scope changed the answer of. */
  readonly narrowed: number;
  /** Queries that do not compile, here and there alike, and why. */
  readonly refused: readonly string[];
}

const GROUPINGS = 4;
const CATALOG = loadCatalog();
const USER = {
  tenant: '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21',
  app: '00000000-0000-0000-0000-000000000001',
  user: '00000000-0000-0000-0000-000000000002',
  roles: [],
  scopes: ['AdvancedHunting.Read'],
  audience: 'https://api.security.microsoft.com',
};

/**
 * Runs random queries as users with random device groups, and the same queries over a database that holds only what that
 * user sees. Throws with the seed and the query at the first answer that differs.
 */
export async function runScopeProperty(
  folder: string,
  seed: number,
  queriesPerWorld: number,
): Promise<PropertyRun> {
  const random = createRandom(seed);
  const engine = openEngine(folder);
  const whole = `whole_${seed}`;
  const made = [whole];
  const refused: string[] = [];
  const counts = { queries: 0, narrowed: 0 };
  try {
    const world = makeWorld(random);
    const existing = new Set(world.keys());
    fill(engine, whole, world);
    for (let user = 0; user < GROUPINGS; user++) {
      const groups = makeGroups(random);
      const copy = `seen_${seed}_${user}`;
      made.push(copy);
      fill(engine, copy, seenRows(world, groups));
      for (let n = 0; n < queriesPerWorld / GROUPINGS; n++) {
        const query = makeQuery(random);
        const scope = await scopeOf(engine, random, whole, existing, { kind: 'groups', groups });
        const scoped = await answerOf(engine, query, { ...optionsOf(whole, existing, random), scope });
        const expected = await answerOf(engine, query, optionsOf(copy, existing, random));
        const all = await answerOf(engine, query, optionsOf(whole, existing, random));
        if (scoped !== expected) {
          const what = JSON.stringify({ seed, user, query, groups, scope: scope.kind });
          throw new Error(`a scoped answer differs: ${what}\n  is        ${scoped}\n  should be ${expected}`);
        }
        counts.queries++;
        if (scoped !== all) counts.narrowed++;
        if (scoped.startsWith(REFUSED)) refused.push(`${query}: ${scoped}`);
      }
    }
    return { ...counts, refused };
  } finally {
    for (const name of made) engine.command(`DROP DATABASE IF EXISTS ${name}`);
    engine.close();
  }
}

/** The rules themselves, or the list of devices that the server makes of them. */
async function scopeOf(
  engine: Engine,
  random: Random,
  database: string,
  existing: ReadonlySet<string>,
  groups: GroupScope,
): Promise<DeviceScope> {
  if (random.percent(50)) return groups;
  const rows = async <Found extends object>(statement: Sql): Promise<Found[]> => {
    const found = await engine.select(statement.text);
    return found.map(([id]) => ({ DeviceId: JSON.parse(id ?? '""') }) as Found);
  };
  const scope = await createDeviceScopes({ rows }, async () => groups)(USER, { database, existing });
  if (scope?.kind !== 'devices') throw new Error('so few devices were not listed');
  return scope;
}

function optionsOf(database: string, existing: ReadonlySet<string>, random: Random): CompileOptions {
  return { nowTicks: NOW_TICKS, database, existing, passes: random.percent(80) };
}

const REFUSED = 'refused ';

/** Columns and rows, in an order of their own. */
async function answerOf(engine: Engine, query: string, options: CompileOptions): Promise<string> {
  const staged = await compileStaged(query, CATALOG, options, engine);
  try {
    const { outcome } = staged;
    if (!outcome.ok)
      return `${REFUSED}${outcome.diagnostics.map(({ code, message }) => `${code} ${message}`)}`;
    const rows = await engine.select(outcome.statement.text);
    const lines = rows.map((row) => row.join(','));
    return `${outcome.columns.map(({ name, type }) => `${name}:${type}`)}\n${lines.sort().join('\n')}`;
  } finally {
    await staged.dispose();
  }
}

function fill(engine: Engine, database: string, world: World): void {
  engine.command(createDatabase(database).text);
  let arrival = 0;
  for (const [name, rows] of world) {
    const table = CATALOG.tables.get(name);
    if (table === undefined) throw new Error(`there is no table ${name}`);
    engine.command(createTable(database, table).text);
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    if (rows.length === 0) continue;
    engine.insert(
      database,
      name,
      [...columns, '_arrival'],
      rows.map((row) => [...columns.map((column) => row[column]), ++arrival]),
    );
  }
}
