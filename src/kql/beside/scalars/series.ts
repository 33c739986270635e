import type { Cell } from '../contract.ts';

/** The numbers of a series; undefined where one is missing or something else. */
export function seriesOf(cell: Cell | undefined): readonly number[] | undefined {
  if (!Array.isArray(cell)) return undefined;
  const numbers = cell.map((value: Cell) =>
    typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN,
  );
  return numbers.every(Number.isFinite) ? numbers : undefined;
}
