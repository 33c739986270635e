/** How a case ended. `reason` groups equal failures; ids, values and positions stay out of it. */
export interface Outcome {
  readonly id: string;
  readonly family: string;
  readonly result: Result;
  readonly reason: string;
  readonly ms: number;
  readonly report: CaseReport | undefined;
}

/**
 * `right`; wrong `rows`, column `names` or `types`; `refused` by the compiler; failed in the `engine`; `accepted`
 * although it must be rejected; a `bug` of the compiler (it threw); `crash` or `timeout` of the process that ran it;
 * `disputed`: not counted.
 */
export type Result =
  | 'right'
  | 'rows'
  | 'names'
  | 'types'
  | 'refused'
  | 'engine'
  | 'accepted'
  | 'bug'
  | 'crash'
  | 'timeout'
  | 'disputed';

/** What to look at when a case fails. */
export interface CaseReport {
  readonly query: string;
  readonly expected: string;
  readonly got: string;
  readonly sql: string;
}

/** True if the outcome belongs on the list of failures. */
export function isFailure(outcome: Outcome): boolean {
  return outcome.result !== 'right' && outcome.result !== 'disputed';
}
