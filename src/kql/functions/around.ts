import { sql } from '../../clickhouse/sql.ts';
import { datetimeToTicks } from './numbers.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';

export const around: FunctionFamily = {
  around: {
    summary:
      'True where a value lies within a distance of a centre, both ends included; null where one is null.',
    page: 'around-function',
    sql: (args) => {
      const at = (place: number) => measure(operand(args, place));
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

function measure(argument: Argument) {
  switch (argument.type) {
    case 'datetime':
      return sql`toInt128(${datetimeToTicks(argument.sql)})`;
    case 'real':
    case 'decimal':
      return sql`toFloat64(${argument.sql})`;
    default:
      return sql`toInt128(${argument.sql})`;
  }
}
