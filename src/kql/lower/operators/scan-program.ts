import type { Json } from '../../beside/contract.ts';
import type { ScanOptions } from '../../beside/programs/scan.ts';
import { type Code, isComputable } from '../../beside/programs/scan-expression.ts';
import type { Slot } from '../../functions/scan-steps.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { type LowerContext, mayBeNull, refer } from '../context.ts';
import type { PerGroup } from '../grouped.ts';

export interface Declared {
  readonly name: string;
  readonly type: Field['type'];
  readonly initial: Expression;
}

/** The steps of a `scan`: expressions over the row and `scan_state(slot)`. */
export interface Steps {
  readonly slots: readonly Slot[];
  readonly steps: readonly {
    readonly output: 'all' | 'last' | 'none';
    readonly condition: Expression;
    /** One per declared column. */
    readonly assigned: readonly (Expression | undefined)[];
  }[];
}

export interface ScanWalk {
  readonly input: Relation;
  /** The same rows with their place. */
  readonly rows: Relation;
  readonly place: Field;
  readonly keys: readonly Expression[];
  readonly declared: readonly Declared[];
  readonly steps: Steps;
  readonly matchName: string | undefined;
}

/**
 * The walk as a program beside the engine, whose time grows with the rows alone. What looks at the row only is computed
 * by the engine before; undefined where something looks at the state that the program cannot compute.
 */
export function scanProgram(walk: ScanWalk, context: LowerContext): Relation | undefined {
  const { input, rows, place, keys, declared, steps, matchName } = walk;
  const values: Expression[] = [refer(place)];
  const add = (value: Expression): number => values.push(value) - 1;
  const partition = keys.map(add);
  const row = input.fields.map((field) => add(refer(field)));
  const defaults = declared.map(({ initial }) => add(initial));

  const code = (value: Expression): Code | undefined => {
    if (value.kind === 'call' && value.name === 'scan_state') return { slot: slotOf(value) };
    if (value.kind === 'column') {
      const at = input.fields.findIndex((field) => field.id === value.id);
      return { column: at < 0 ? add(value) : (row[at] ?? add(value)) };
    }
    if (value.kind === 'literal' && (typeof value.value !== 'number' || Number.isFinite(value.value))) {
      const constant =
        typeof value.value === 'bigint' && value.type !== 'int' ? `${value.value}` : value.value;
      return { constant: typeof constant === 'bigint' ? Number(constant) : constant, type: value.type };
    }
    if (value.kind !== 'call' || !readsState(value)) return { column: add(value) };
    if (
      !isComputable(
        value.name,
        value.type,
        value.args.map(({ type }) => type),
      )
    )
      return undefined;
    const args: Code[] = [];
    for (const arg of value.args) {
      const inner = code(arg);
      if (!inner) return undefined;
      args.push(inner);
    }
    return { call: value.name, type: value.type, args };
  };

  const coded: Json[] = [];
  for (const { output, condition, assigned } of steps.steps) {
    const test = code(condition);
    const made = assigned.map((value) => (value ? code(value) : null));
    if (!test || made.includes(undefined)) return undefined;
    coded.push({ output, condition: test, assigned: made } as unknown as Json);
  }
  const fields = values.map((value, i) => context.field(`c${i}`, value.type, mayBeNull(value)));
  const placed = context.field('place', 'long', false);
  const match = context.field(matchName ?? '$match', 'long', false);
  const shown = [
    ...input.fields.map((field) => context.field(field.name, field.type, field.nullable, field.hidden)),
    ...declared.map(({ name, type }) => context.field(name, type)),
  ];
  const program: Relation = {
    kind: 'program',
    name: 'scan',
    inputs: [{ kind: 'project', input: rows, fields, expressions: values }],
    options: {
      place: 0,
      partition,
      row,
      defaults,
      slots: steps.slots.map(
        (slot): Json => ({
          step: slot.step,
          ...(slot.row === undefined ? { declared: slot.declared ?? 0 } : { row: row[slot.row] ?? 0 }),
        }),
      ),
      steps: coded,
      carried: [],
    },
    fields: [...shown, match, placed],
  };
  return {
    kind: 'sort',
    input: program,
    fields: matchName === undefined ? shown : [...shown, match],
    keys: [{ expression: refer(placed), descending: false, nullsFirst: false }],
  };
}

/** The options of the walk with the groups' columns among the partition and behind the rows that come out. */
export function withGroups(options: Json, { relation, keys, constant }: PerGroup): Json {
  const { partition, carried, ...rest } = options as unknown as ScanOptions;
  const at = (field: Field): number => relation.fields.findIndex((one) => one.id === field.id);
  const groups = keys.map(at);
  return {
    ...rest,
    partition: [...groups, ...partition],
    carried: [...carried, ...groups, ...constant.map(at)],
  } as unknown as Json;
}

function slotOf(call: Expression & { kind: 'call' }): number {
  const [slot] = call.args;
  if (slot?.kind !== 'literal') throw new Error('a state without its slot');
  return Number(slot.value);
}

function readsState(value: Expression): boolean {
  return value.kind === 'call' && (value.name === 'scan_state' || value.args.some(readsState));
}
