import type { TableProgram } from '../contract.ts';

/** Rows as they are: what reads them twice reads the same ones. */
export const materialize: TableProgram = {
  summary: 'Keeps rows that would differ if they were computed again.',
  run: ([rows]) => rows?.rows ?? [],
};
