import type { ProcessFacts, ProcessMemory } from './process-memory.ts';
import type { Source } from './source.ts';
import type { WindowsEvent } from './windows-event.ts';

/** How one kind of Windows event becomes a row of a hunting table. */
export interface EventMapping extends RowMapping {
  readonly source: 'Sysmon' | 'Security' | 'PowerShell';
  readonly id: number;
}

export interface RowMapping {
  readonly title: string;
  readonly table: string;
  /** The `ActionType`; '' where a shipper left out the member that tells it. */
  readonly action: Source;
  /** The process that acted: fills every `InitiatingProcess...` column that the table has. */
  readonly actor: Actor;
  /** By column, beside those that every device table has and those of the actor. */
  readonly columns: Readonly<Record<string, Source>>;
  /** Kept beside the row under `_extra`, for what has no column in a table without `AdditionalFields`. */
  readonly extra?: Source;
  /** What the event teaches of a process that starts. */
  readonly starts?: (event: WindowsEvent, actor: ProcessFacts, memory: ProcessMemory) => ProcessFacts;
  /** Id of the process that ends, as decimal digits. */
  readonly ends?: (event: WindowsEvent) => string;
  /** An account and its SID that the event names. */
  readonly account?: (event: WindowsEvent) => { readonly user: string; readonly sid: string };
}

export interface Actor {
  readonly text: string;
  resolve(event: WindowsEvent, memory: ProcessMemory): ProcessFacts;
}
