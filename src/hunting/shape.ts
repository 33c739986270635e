import type { HuntStatistics } from '../clickhouse/database.ts';
import type { KqlType } from '../model/kql-type.ts';
import type { Column } from '../model/table-schema.ts';
import { formatTimespan } from './timespan.ts';

/**
 * .NET's names of the types but for bool, in which the services differ: in `Schema`, and in the `DataType` of a Kusto
 * answer of version 1.
 * Source: https://learn.microsoft.com/defender-endpoint/api/api-power-bi (its type table)
 */
const SCHEMA_TYPE: Readonly<Record<Exclude<KqlType, 'bool'>, string>> = {
  datetime: 'DateTime',
  decimal: 'Decimal',
  dynamic: 'Object',
  guid: 'Guid',
  int: 'Int32',
  long: 'Int64',
  real: 'Double',
  string: 'String',
  timespan: 'TimeSpan',
};

export type { HuntStatistics } from '../clickhouse/database.ts';

interface SchemaParts {
  readonly columns: readonly Column[];
  readonly boolTypeName: 'SByte' | 'Boolean';
}

export interface HeadParts extends SchemaParts {
  readonly statistics: HuntStatistics;
  readonly rowCount: number;
  /** Of the rows as they are sent. */
  readonly resultBytes: number;
}

/** The answer's text before the first row: `Stats`, `Schema` and the opening of `Results`. */
export function defenderHead(parts: HeadParts): string {
  const { statistics, columns, rowCount, resultBytes, boolTypeName } = parts;
  const stats = JSON.stringify(queryStats(statistics, [{ rowCount, bytes: resultBytes }]));
  return `{"Stats":${stats},"Schema":${defenderSchema({ columns, boolTypeName })},"Results":[`;
}

/** `Schema` alone, as JSON text. */
export function defenderSchema({ columns, boolTypeName }: SchemaParts): string {
  return JSON.stringify(
    columns.map(({ name, type }) => ({ Name: name, Type: schemaType(type, boolTypeName) })),
  );
}

/**
 * The same for Microsoft Graph, which writes lower-case members and no statistics.
 * Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery
 */
export function graphHead({ columns, boolTypeName, origin }: SchemaParts & { origin: string }): string {
  const context = `${origin}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
  const schema = columns.map(({ name, type }) => ({ name, type: schemaType(type, boolTypeName) }));
  return `{"@odata.context":${JSON.stringify(context)},"schema":${JSON.stringify(schema)},"results":[`;
}

/** The .NET name of a type. */
export function schemaType(type: KqlType, boolTypeName: 'SByte' | 'Boolean'): string {
  return type === 'bool' ? boolTypeName : SCHEMA_TYPE[type];
}

export const ANSWER_TAIL = ']}';

/** Kusto's query statistics with the members of the documented example, in its order. See docs/stats.md. */
export function queryStats(
  measured: HuntStatistics,
  results: readonly { readonly rowCount: number; readonly bytes: number }[],
): object {
  const memoryHits = measured.markCacheHits ?? 0;
  const memoryMisses = measured.markCacheMisses ?? 0;
  const diskHits = measured.diskReads ?? 0;
  const userUs = measured.userCpuUs ?? 0;
  const kernelUs = measured.kernelCpuUs ?? 0;
  return {
    ExecutionTime: (measured.queuedUs + measured.elapsedUs) / 1e6,
    resource_usage: {
      cache: {
        memory: { hits: memoryHits, misses: memoryMisses, total: memoryHits + memoryMisses },
        disk: { hits: diskHits, misses: 0, total: diskHits },
      },
      cpu: {
        user: cpuTime(userUs),
        kernel: cpuTime(kernelUs),
        'total cpu': cpuTime(userUs + kernelUs),
      },
      memory: { peak_per_node: measured.peakMemoryBytes ?? 0 },
    },
    dataset_statistics: results.map(({ rowCount, bytes }) => ({
      table_row_count: rowCount,
      table_size: bytes,
    })),
  };
}

function cpuTime(microseconds: number): string {
  return formatTimespan(BigInt(Math.round(microseconds)) * 10n);
}
