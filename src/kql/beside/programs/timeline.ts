import type { Budget } from '../contract.ts';
import { floorDiv } from './groups.ts';
import { tooManyRows } from './too-many.ts';

/** How many bins there are from `start` to `end`, both included. */
export function binCount(start: bigint, end: bigint, step: bigint, budget: Budget): number {
  if (step <= 0n || end < start) return 0;
  const count = floorDiv(end - start, step) + 1n;
  if (count > BigInt(budget.maxRows)) throw tooManyRows(budget);
  return Number(count);
}
