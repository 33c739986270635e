import type { Sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { unsupported } from '../diagnostics.ts';
import type { Argument } from '../functions/registry.ts';

export interface WindowCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly Argument[];
  readonly type: KqlType;
}

export function printWindow(
  _input: Sql,
  calls: readonly WindowCall[],
  _position: Sql,
  _context: { nowTicks: bigint; alias: () => Sql },
): Sql {
  throw unsupported(`the window function \`${calls[0]?.name}\``, { start: 0, length: 0 });
}
