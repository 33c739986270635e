import type { Cell, TableProgram } from '../contract.ts';

/** What a value of each type is in .NET, as `getschema` names it. */
const DOTNET: Readonly<Record<string, string>> = {
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
};

/** Of two numeric types the one that can hold both; other types do not mix. */
const WIDER = ['int', 'long', 'real', 'decimal'];

/**
 * `schema_merge`: several answers of `getschema` as one. A column that stands at different places in them gets the
 * ordinal -1 and an error for a type, unless the order does not matter. Input: ColumnName, ColumnOrdinal, DataType,
 * ColumnType. Rows: the same columns, in the order of their places.
 * Source: https://learn.microsoft.com/kusto/query/schema-merge-plugin
 */
export const schemaMerge: TableProgram = {
  summary: 'Several schemas as one.',
  run([table], options) {
    const { preserveOrder } = options as { preserveOrder: boolean };
    const columns = new Map<string, { ordinals: Set<number>; dataType: string; type: string | undefined }>();
    for (const [name, ordinal, dataType, type] of table?.rows ?? []) {
      const known = columns.get(String(name));
      if (known === undefined) {
        const ordinals = new Set([Number(ordinal)]);
        columns.set(String(name), { ordinals, dataType: String(dataType), type: String(type) });
        continue;
      }
      known.ordinals.add(Number(ordinal));
      const common = known.type === undefined ? undefined : commonType(known.type, String(type));
      if (common !== known.type && common !== undefined) known.dataType = DOTNET[common] ?? String(dataType);
      known.type = common;
    }
    const placed = [...columns].map(([name, column]) => ({
      name,
      ...column,
      place: Math.max(...column.ordinals),
    }));
    const broken = (ordinals: ReadonlySet<number>): boolean => preserveOrder && ordinals.size > 1;
    placed.sort((a, b) => Number(broken(a.ordinals)) - Number(broken(b.ordinals)) || a.place - b.place);
    return placed.map(({ name, ordinals, dataType, type, place }, i): Cell[] => {
      if (broken(ordinals)) return [name, -1, unknownType(OUT_OF_ORDER), OUT_OF_ORDER];
      const ordinal = preserveOrder ? place : i;
      return type === undefined
        ? [name, ordinal, unknownType(MIXED), MIXED]
        : [name, ordinal, dataType, type];
    });
  },
};

const OUT_OF_ORDER = 'ERROR(columns are out of order)';
const MIXED = 'ERROR(column types cannot be merged)';

function unknownType(name: string): string {
  return `ERROR(unknown CSL type:${name})`;
}

function commonType(a: string, b: string): string | undefined {
  if (a === b) return a;
  const wider = Math.max(WIDER.indexOf(a), WIDER.indexOf(b));
  return WIDER.includes(a) && WIDER.includes(b) ? WIDER[wider] : undefined;
}
