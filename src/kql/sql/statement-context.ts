import type { DeviceScope } from '../../model/device-scope.ts';
import type { ArrivalWindow } from './arrival.ts';
import type { ScopeContext } from './device-scope.ts';

/** What a statement is printed for. */
export interface StatementContext extends ScopeContext {
  readonly nowTicks: bigint;
  /** Which rows are read, by when they arrived; of every table, in every part of the query. */
  readonly arrival?: ArrivalWindow | undefined;
  /** The devices whose rows are read, and with them their alerts; undefined is all. */
  readonly scope?: DeviceScope | undefined;
}
