import { type Budget, ProgramFault } from '../contract.ts';

/** To be thrown before more rows are made than a program may answer. */
export function tooManyRows(budget: Budget): ProgramFault {
  return new ProgramFault(`more than ${budget.maxRows} rows come out`);
}
