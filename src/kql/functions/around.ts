import { type Sql, sql } from '../../clickhouse/sql.ts';
import { datetimeToTicks } from './numbers.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';

export const around: FunctionFamily = {
  around: {
    summary:
      'True where a value lies within a distance of a centre, both ends included; null where one is null.',
    page: 'around-function',
    sql: (args) => {
      const isReal = args.some(({ type }) => type === 'real' || type === 'decimal');
      const at = (place: number) => measure(operand(args, place), isReal);
      // Ticks and whole numbers are compared as wide integers, so that nothing overflows.
      return sql`(abs(${at(0)} - ${at(1)}) <= ${at(2)})`;
    },
    examples: [
      ['around(100, 99, 2)', 'True'],
      ['around(datetime(2021-01-01 01:31), datetime(2021-01-01 01:30), 1min)', 'True'],
      ['around(1.5, 3, 1)', 'False'],
      ['isnull(around(int(null), 3, 1))', 'True'],
    ],
  },
};

function measure(argument: Argument, isReal: boolean): Sql {
  if (isReal) return sql`toFloat64(${argument.sql})`;
  const ticks = argument.type === 'datetime' ? datetimeToTicks(argument.sql) : argument.sql;
  return sql`toInt128(${ticks})`;
}
