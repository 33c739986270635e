import type { Cell, TableProgram } from '../contract.ts';
import { keyOf } from './groups.ts';
import { type Code, compiled, type Evaluate } from './scan-expression.ts';

/** What a step remembers: a cell of its last row, by input column, or a declared column. */
export interface ScanSlot {
  readonly step: number;
  readonly row?: number;
  readonly declared?: number;
}

/** `scan` as the program reads it; columns are places in the input. */
export interface ScanOptions {
  readonly place: number;
  readonly partition: readonly number[];
  /** Input columns that come out, before the declared ones. */
  readonly row: readonly number[];
  /** Input columns that hold the defaults of the declared ones. */
  readonly defaults: readonly number[];
  readonly slots: readonly ScanSlot[];
  readonly steps: readonly {
    readonly output: 'all' | 'last' | 'none';
    readonly condition: Code;
    /** One per declared column; null carries the step's value on. */
    readonly assigned: readonly (Code | null)[];
  }[];
  /** Input columns that come out at the very end. */
  readonly carried: readonly number[];
}

/**
 * `scan`: rows are walked in their order, each partition by itself; every step holds the state of one match. Input: one
 * table as the options tell. Rows: the row's columns, the declared columns, the match id, the place, what is carried; in
 * the order of the places. Source: https://learn.microsoft.com/kusto/query/scan-operator
 */
export const scan: TableProgram = {
  summary: 'Rows that match steps one after the other.',
  run([table], options, budget) {
    const plan = options as unknown as ScanOptions;
    const place = (row: readonly Cell[]): bigint => row[plan.place] as bigint;
    const rows = [...(table?.rows ?? [])].sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const steps = plan.steps.map(({ output, condition, assigned }) => ({
      output,
      condition: compiled(condition),
      assigned: assigned.map((code) => (code ? compiled(code) : undefined)),
    }));
    const walks = new Map<string, Walk>();
    const found: Found[] = [];
    rows.forEach((row, i) => {
      if ((i & 0xff) === 0) budget.check();
      const key = keyOf(plan.partition.map((column) => row[column] ?? null));
      const walk = walks.get(key) ?? new Walk(plan, steps, found);
      walks.set(key, walk);
      walk.see(row);
    });
    return found.filter(({ dropped }) => !dropped).map(({ cells }) => cells);
  },
};

interface Found {
  readonly cells: readonly Cell[];
  dropped: boolean;
}

interface Step {
  readonly output: 'all' | 'last' | 'none';
  readonly condition: Evaluate;
  readonly assigned: readonly (Evaluate | undefined)[];
}

interface State {
  readonly match: bigint;
  /** By slot. */
  readonly memory: readonly Cell[];
}

/** The states of one partition. */
class Walk {
  readonly #plan: ScanOptions;
  readonly #steps: readonly Step[];
  readonly #found: Found[];
  readonly #states: (State | undefined)[];
  /** The row that a step with `output=last` showed last, and its match. */
  readonly #last: ({ readonly match: bigint; readonly found: Found } | undefined)[];
  #matches = 0n;
  #empty: readonly Cell[] | undefined;

  constructor(plan: ScanOptions, steps: readonly Step[], found: Found[]) {
    this.#plan = plan;
    this.#steps = steps;
    this.#found = found;
    this.#states = steps.map(() => undefined);
    this.#last = steps.map(() => undefined);
  }

  see(row: readonly Cell[]): void {
    const { slots, defaults } = this.#plan;
    this.#empty ??= slots.map(({ declared }) =>
      declared === undefined ? null : (row[defaults[declared] ?? -1] ?? null),
    );
    for (let k = this.#steps.length - 1; k >= 0; k--) {
      const before = this.#states[k - 1];
      if (before && this.#enter(k, k - 1, before, row)) {
        this.#states[k - 1] = undefined;
        continue;
      }
      const own = this.#states[k] ?? (k === 0 ? { match: 0n, memory: this.#empty } : undefined);
      if (own) this.#enter(k, k, own, row);
    }
  }

  /** Whether the row lets step `k` take over the state; what is not assigned is carried from the step `from`. */
  #enter(k: number, from: number, state: State, row: readonly Cell[]): boolean {
    const { slots, steps } = this.#plan;
    const step = this.#steps[k];
    if (!step || !steps[k] || step.condition(row, state.memory) !== true) return false;
    const values = step.assigned.map((assigned, d) => {
      if (assigned) return assigned(row, state.memory);
      const carried = slots.findIndex((slot) => slot.step === from && slot.declared === d);
      return state.memory[carried] ?? null;
    });
    const match = k === 0 ? this.#matches++ : state.match;
    const memory = slots.map((slot, i) => {
      if (slot.step !== k) return state.memory[i] ?? null;
      return slot.declared === undefined ? (row[slot.row ?? -1] ?? null) : (values[slot.declared] ?? null);
    });
    this.#states[k] = { match, memory };
    if (step.output !== 'none') this.#show(k, row, values, match, step.output);
    return true;
  }

  #show(
    k: number,
    row: readonly Cell[],
    values: readonly Cell[],
    match: bigint,
    output: 'all' | 'last',
  ): void {
    const { row: shown, place, carried } = this.#plan;
    const pick = (columns: readonly number[]): Cell[] => columns.map((column) => row[column] ?? null);
    const found = {
      cells: [...pick(shown), ...values, match, row[place] ?? null, ...pick(carried)],
      dropped: false,
    };
    this.#found.push(found);
    if (output === 'all') return;
    const last = this.#last[k];
    if (last?.match === match) last.found.dropped = true;
    this.#last[k] = { match, found };
  }
}
