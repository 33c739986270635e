import type { PendingBatch } from '../store/ingest-journal.ts';
import type { Waiting } from './batch.ts';
import type { ArrivalRange } from './held-rows.ts';
import type { Layout } from './row.ts';

/** One statement's worth of rows. */
export interface Insert {
  readonly table: string;
  readonly columns: readonly string[];
  readonly body: Buffer;
}

/** Where the rows of a group of batches go. `ranges`: one per table, with the rows that it must then hold. */
export interface Placement {
  readonly inserts: readonly Insert[];
  readonly ranges: readonly (ArrivalRange & { readonly rows: number })[];
}

/** Gives every row its arrival number and puts rows with the same columns into one insert. */
export function placeRows(
  group: readonly Waiting[],
  pending: readonly PendingBatch[],
  ingested: string,
): Placement {
  const bodies = new Map<Layout, Buffer[]>();
  const tables = new Map<
    string,
    { rows: number; minMs: number; maxMs: number; column: string | undefined }
  >();
  for (const [i, { batch, shiftMs }] of group.entries()) {
    const reserved = pending[i] as PendingBatch;
    const next = new Map(tableRanges(reserved).map((range) => [range.table, range.first]));
    for (const { layout, rows, times } of batch.blocks) {
      const { name, timeColumn } = layout.table;
      const arrival = next.get(name) ?? 0;
      next.set(name, arrival + rows.rows);
      const body = bodies.get(layout) ?? [];
      bodies.set(layout, body);
      body.push(rows.place(ingested, arrival));
      const table = tables.get(name) ?? {
        rows: 0,
        minMs: Number.POSITIVE_INFINITY,
        maxMs: Number.NEGATIVE_INFINITY,
        column: timeColumn,
      };
      table.rows += rows.rows;
      table.minMs = Math.min(table.minMs, (times?.minMs ?? Number.NEGATIVE_INFINITY) + shiftMs);
      table.maxMs = Math.max(table.maxMs, (times?.maxMs ?? Number.POSITIVE_INFINITY) + shiftMs);
      tables.set(name, table);
    }
  }
  const first = pending[0]?.firstArrival ?? 0;
  const last = pending.at(-1)?.lastArrival ?? 0;
  return {
    inserts: [...bodies].map(([layout, body]) => ({
      table: layout.table.name,
      columns: [...layout.columns, '_ingested', '_arrival'],
      body: body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body),
    })),
    ranges: [...tables].map(([table, { rows, minMs, maxMs, column }]) => ({
      table,
      rows,
      first,
      last,
      time:
        column === undefined || !Number.isFinite(minMs) || !Number.isFinite(maxMs)
          ? undefined
          : { column, minMs, maxMs },
    })),
  };
}

/** The arrival numbers of each table of a batch, in the order of its record. */
export function tableRanges(batch: PendingBatch): ArrivalRange[] {
  let first = batch.firstArrival;
  return Object.entries(batch.rowsByTable).map(([table, rows]) => {
    const range = { table, first, last: first + rows - 1 };
    first += rows;
    return range;
  });
}
