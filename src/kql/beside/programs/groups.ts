import type { Cell } from '../contract.ts';

/** One text for a combination of cells of fixed types. */
export function keyOf(cells: readonly Cell[]): string {
  return cells.map((cell) => (cell === null ? '\u0000' : String(cell))).join('\u0001');
}

export interface Group {
  readonly cells: readonly Cell[];
  readonly rows: (readonly Cell[])[];
}

/** The rows by their first `width` cells, in the order in which the groups first appear. */
export function groupsOf(rows: readonly (readonly Cell[])[], width: number): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const cells = row.slice(0, width);
    const key = keyOf(cells);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { cells, rows: [row] });
  }
  return [...groups.values()];
}

/** A place on a time axis: ticks, or a whole number. Null where the cell is. */
export function ticksOf(cell: Cell | undefined): bigint | undefined {
  if (typeof cell === 'bigint') return cell;
  return typeof cell === 'number' && Number.isFinite(cell) ? BigInt(Math.trunc(cell)) : undefined;
}

/** A whole number of the options. */
export function numberOption(options: unknown, name: string): number {
  const value = (options as Readonly<Record<string, unknown>>)[name];
  if (typeof value !== 'number') throw new Error(`the program has no number \`${name}\``);
  return value;
}

/** `a / b` rounded down. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

export function compareTicks(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The place of the first of the sorted times that is not before `from`. */
export function placeOf(times: readonly bigint[], from: bigint): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
