import { count, ident, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import type { DeviceRule, DeviceScope, GroupScope, RankedGroup } from '../../model/device-scope.ts';
import type { Scan } from '../plan/relation.ts';

export interface ScopeContext {
  /** The tenant's database; every table is named with it. */
  readonly database: string;
  /** Tables that are stored. */
  readonly existing: ReadonlySet<string>;
}

/** The group memberships are read from here: one row per report of a device. */
const DEVICES = 'DeviceInfo';
/** Which devices an alert is about. */
const EVIDENCE = 'AlertEvidence';

const NOTHING = sql`(0 = 1)`;

/**
 * What keeps rows of a stored table to those that the user sees, on its stored columns. Undefined: all of them. An alert
 * is seen when evidence of it is.
 */
export function scopePredicate(
  scanned: Scan['belongsTo'],
  scope: DeviceScope | undefined,
  context: ScopeContext,
): Sql | undefined {
  if (scope === undefined || scanned === undefined) return undefined;
  if (scanned === 'tenant') return NOTHING;
  const devices = devicePredicate(scope, context);
  if (scanned === 'device') return devices;
  if (!context.existing.has(EVIDENCE)) return NOTHING;
  const evidence = sql`SELECT AlertId FROM ${ident(context.database)}.${ident(EVIDENCE)}`;
  return devices === undefined
    ? sql`AlertId IN (${evidence})`
    : sql`AlertId IN (${evidence} WHERE ${devices})`;
}

function devicePredicate(scope: DeviceScope, context: ScopeContext): Sql | undefined {
  const which = scope.kind === 'devices' ? scope.which : listedDevices(scope);
  const listed = scope.kind === 'devices' ? listOf(scope.ids) : devicesStatement(scope, context);
  if (listed === undefined) return which === 'only' ? NOTHING : undefined;
  return which === 'only' ? sql`DeviceId IN (${listed})` : sql`DeviceId NOT IN (${listed})`;
}

function listOf(ids: readonly string[]): Sql | undefined {
  return ids.length === 0 ? undefined : joinSql(ids.map(text), ', ');
}

/**
 * What `devicesStatement` lists: those that are seen (`only`), or where a group that takes every device is seen, those
 * that are not (`except`): it takes the devices that never reported, too.
 */
export function listedDevices({ groups }: GroupScope): 'only' | 'except' {
  return groups.find(takesAll)?.visible === true ? 'except' : 'only';
}

/** One column, `DeviceId`. Undefined where no device is listed, whatever is stored. */
export function devicesStatement(scope: GroupScope, context: ScopeContext): Sql | undefined {
  const listsVisible = listedDevices(scope) === 'only';
  const end = scope.groups.findIndex(takesAll);
  const reached = end < 0 ? scope.groups : scope.groups.slice(0, end + 1);
  if (!context.existing.has(DEVICES) || reached.every(({ visible }) => visible !== listsVisible)) {
    return undefined;
  }
  const branches = reached.flatMap((group) => [
    conditionOf(group),
    sql`${count(Number(group.visible === listsVisible))}`,
  ]);
  const used = new Set(reached.flatMap(({ rules }) => rules.map(({ property }) => property)));
  const properties = PROPERTIES.filter(({ name }) => used.has(name));
  const columns = [...new Set(properties.flatMap(({ from }) => from))];
  const values = properties.map(
    ({ name, value }) =>
      sql`, ${value((column) => sql`tupleElement(latest, ${count(columns.indexOf(column) + 1)})`)} AS ${ident(name)}`,
  );
  // One aggregate over a tuple: all of one report, never columns of several.
  const latest =
    columns.length === 0
      ? sql``
      : sql`, argMax(tuple(${joinSql(columns.map(ident), ', ')}), tuple(Timestamp, _arrival)) AS latest`;
  const table = sql`${ident(context.database)}.${ident(DEVICES)}`;
  return sql`SELECT DeviceId FROM (SELECT DeviceId${joinSql(values, ' ')} FROM (SELECT DeviceId${latest} FROM ${table} GROUP BY DeviceId)) WHERE multiIf(${joinSql(branches, ', ')}, 0) = 1`;
}

function takesAll({ rules }: RankedGroup): boolean {
  return rules.length === 0;
}

function conditionOf({ rules }: RankedGroup): Sql {
  return rules.length === 0 ? sql`1` : joinSql(rules.map(holds), ' AND ');
}

function holds({ property, operator, value }: DeviceRule): Sql {
  const wanted = sql`lowerUTF8(${text(value)})`;
  if (property !== 'tag') return compared(operator, ident(property), wanted);
  return sql`arrayExists(t -> ${compared(operator, sql`t`, wanted)}, ${ident(property)})`;
}

function compared(operator: DeviceRule['operator'], found: Sql, wanted: Sql): Sql {
  switch (operator) {
    case 'equals':
      return sql`equals(${found}, ${wanted})`;
    case 'startsWith':
      return sql`startsWith(${found}, ${wanted})`;
    case 'endsWith':
      return sql`endsWith(${found}, ${wanted})`;
    case 'contains':
      return sql`greater(position(${found}, ${wanted}), 0)`;
  }
}

interface Property {
  readonly name: DeviceRule['property'];
  /** Columns of DeviceInfo. */
  readonly from: readonly string[];
  /** Lower case; of tags a list. */
  readonly value: (read: (column: string) => Sql) => Sql;
}

/** DATA: what a rule can ask of the latest report of a device. */
const PROPERTIES: readonly Property[] = [
  { name: 'name', from: ['DeviceName'], value: (read) => sql`lowerUTF8(${read('DeviceName')})` },
  {
    name: 'domain',
    from: ['DeviceName'],
    // What follows the first dot; nothing where there is none.
    value: (read) => sql`lowerUTF8(replaceRegexpOne(${read('DeviceName')}, '^[^.]*[.]?', ''))`,
  },
  { name: 'os', from: ['OSPlatform'], value: (read) => sql`lowerUTF8(${read('OSPlatform')})` },
  {
    name: 'tag',
    from: ['RegistryDeviceTag', 'DeviceManualTags', 'DeviceDynamicTags'],
    value: (read) =>
      sql`arrayMap(t -> lowerUTF8(t), arrayConcat([${read('RegistryDeviceTag')}], ${tagList(read('DeviceManualTags'))}, ${tagList(read('DeviceDynamicTags'))}))`,
  },
];

/** A JSON array of texts; anything else is no tag. */
function tagList(column: Sql): Sql {
  return sql`JSONExtract(${column}, 'Array(String)')`;
}
