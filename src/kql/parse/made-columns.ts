import type { Column } from '../../model/table-schema.ts';

/** Columns of plug-ins that rows told: by the plug-in's slot (`Node.slot`), then by the key of what was read. */
export type MadeColumns = ReadonlyMap<string, ReadonlyMap<string, readonly Column[]>>;
