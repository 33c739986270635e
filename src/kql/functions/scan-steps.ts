import { count, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { nullOf } from './coerce.ts';
import type { Argument, FunctionFamily } from './registry.ts';

/** What `scan` remembers of a step: a column of its row, or a declared column. */
export interface Slot {
  readonly step: number;
  readonly row?: number;
  readonly declared?: number;
}

/** The steps of a `scan`, as the constant that goes with its expressions. */
export interface ScanProgram {
  readonly row: readonly KqlType[];
  readonly declared: readonly KqlType[];
  readonly slots: readonly Slot[];
  readonly steps: readonly { readonly output: boolean; readonly assigned: readonly boolean[] }[];
}

/**
 * The walk of `scan` over the rows of a group. The arguments: the rows, the program, the defaults of the declared
 * columns, then for each step its condition and its assignments. It yields the rows that come out, as tuples of the
 * place, the row's cells, the declared columns and the match id.
 * Source: https://learn.microsoft.com/kusto/query/scan-operator
 */
export const scanSteps: FunctionFamily = {
  scan_row: {
    summary: 'A cell of the row at hand.',
    page: 'scan-operator',
    nulls: 'maybe',
    sql: ([place]) => sql`tupleElement(__row, ${count(numberOf(place) + 2)})`,
  },
  scan_state: {
    summary: 'What the state at hand remembers.',
    page: 'scan-operator',
    nulls: 'maybe',
    sql: ([slot]) => remembered(numberOf(slot)),
  },
  scan_cell: {
    summary: 'A cell of a row that came out.',
    page: 'scan-operator',
    nulls: 'maybe',
    sql: ([row, place]) => sql`tupleElement(${row?.sql ?? text('')}, ${count(numberOf(place) + 1)})`,
  },
  scan_matches: { summary: 'The rows that come out.', page: 'scan-operator', sql: walk },
};

function numberOf(argument: Argument | undefined): number {
  if (typeof argument?.constant !== 'bigint') throw new Error('a constant place is expected');
  return Number(argument.constant);
}

function remembered(slot: number): Sql {
  return sql`tupleElement(__mem, ${count(slot + 3)})`;
}

function walk(args: readonly Argument[]): Sql {
  const [rows, coded, ...rest] = args;
  if (!rows || typeof coded?.constant !== 'string') throw new Error('scan_matches takes rows and a program');
  const program = JSON.parse(coded.constant) as ScanProgram;
  const defaults = rest.slice(0, program.declared.length).map((value) => value.sql);
  const slotTypes = program.slots.map((slot) => typeOf(slot, program));
  const stateType = `Tuple(UInt8, Int64${slotTypes.map((type) => `, ${SQL_TYPE[type]}`).join('')})`;
  const cells = [...program.row, ...program.declared].map((type) => `, ${SQL_TYPE[type]}`).join('');
  const total = program.steps.length;
  const states = program.steps.map(() => stateType).join(', ');
  const accType = text(`Tuple(Int64, ${states}, Array(Tuple(Int64${cells}, Int64)))`);
  const empty = sql`CAST((${joinSql(
    [
      sql`0`,
      sql`0`,
      ...program.slots.map((slot, i) =>
        slot.declared === undefined ? nullOf(slotTypes[i] as KqlType) : (defaults[slot.declared] as Sql),
      ),
    ],
    ', ',
  )}), ${text(stateType)})`;

  let offset = program.declared.length;
  const evaluations = program.steps.map(({ assigned }) => {
    const condition = rest[offset++] as Argument;
    const values = assigned.map((given) => (given ? (rest[offset++] as Argument).sql : undefined));
    return { condition: condition.sql, values };
  });

  let acc = sql`__acc`;
  for (let k = total - 1; k >= 0; k--) {
    const step = stepSql(k, program, evaluations[k] as Evaluation, empty);
    acc = sql`arrayMap(__acc -> CAST(${step}, ${accType}), [${acc}])[1]`;
  }
  const init = joinSql([sql`0`, ...program.steps.map(() => empty), sql`[]`], ', ');
  return sql`tupleElement(arrayFold((__acc, __row) -> ${acc}, ${rows.sql}, CAST((${init}), ${accType})), ${count(total + 2)})`;
}

interface Evaluation {
  readonly condition: Sql;
  readonly values: readonly (Sql | undefined)[];
}

function typeOf(slot: Slot, program: ScanProgram): KqlType {
  const type = slot.declared === undefined ? program.row[slot.row ?? -1] : program.declared[slot.declared];
  if (type === undefined) throw new Error('a slot remembers nothing');
  return type;
}

/** The walk's whole state after a step has seen the row: the counter, the state of each step, what came out. */
function stepSql(k: number, program: ScanProgram, evaluation: Evaluation, empty: Sql): Sql {
  const state = (step: number): Sql => sql`tupleElement(__acc, ${count(step + 2)})`;
  const own = state(k);
  const active = (one: Sql): Sql => sql`tupleElement(${one}, 1)`;
  const tried = (memory: Sql, allowed: Sql, carriedStep: number): Sql => {
    const values = program.declared.map((type, d) => {
      const carried = program.slots.findIndex((slot) => slot.step === carriedStep && slot.declared === d);
      return sql`CAST(${evaluation.values[d] ?? remembered(carried)}, ${text(SQL_TYPE[type])})`;
    });
    const hit = sql`toUInt8(${allowed} AND ifNull(${evaluation.condition}, 0))`;
    return sql`arrayMap(__mem -> (${joinSql([hit, sql`__mem`, ...values], ', ')}), [${memory}])[1]`;
  };
  const second = tried(own, k === 0 ? sql`1` : sql`${active(own)} = 1`, k);
  const first = k === 0 ? undefined : tried(state(k - 1), sql`${active(state(k - 1))} = 1`, k - 1);
  const promoted = first ? sql`tupleElement(__one, 1) = 1` : sql`0`;
  const best = first ? sql`if(${promoted}, __one, __two)` : sql`__two`;
  const counter = sql`tupleElement(__acc, 1)`;
  const match = k === 0 ? counter : sql`tupleElement(tupleElement(__best, 2), 2)`;
  const declared = program.declared.map((_, d) => sql`tupleElement(__best, ${count(d + 3)})`);
  const slots = program.slots.map((slot, i) => {
    if (slot.step !== k) return sql`tupleElement(tupleElement(__best, 2), ${count(i + 3)})`;
    return slot.declared === undefined
      ? sql`tupleElement(__row, ${count((slot.row ?? 0) + 2)})`
      : (declared[slot.declared] as Sql);
  });
  const hit = sql`tupleElement(__best, 1) = 1`;
  const cells = [
    sql`tupleElement(__row, 1)`,
    ...program.row.map((_, i) => sql`tupleElement(__row, ${count(i + 2)})`),
  ];
  const found = sql`tupleElement(__acc, ${count(program.steps.length + 2)})`;
  const after = [
    k === 0 ? sql`if(${hit}, ${counter} + 1, ${counter})` : counter,
    ...program.steps.map((_, i) => {
      if (i === k) return sql`if(${hit}, (${joinSql([sql`1`, match, ...slots], ', ')}), ${own})`;
      if (i === k - 1) return sql`if(${promoted}, ${empty}, ${state(i)})`;
      return state(i);
    }),
    program.steps[k]?.output
      ? sql`if(${hit}, arrayPushBack(${found}, (${joinSql([...cells, ...declared, match], ', ')})), ${found})`
      : found,
  ];
  const whole = sql`arrayMap(__best -> (${joinSql(after, ', ')}), [${best}])[1]`;
  return first
    ? sql`arrayMap((__one, __two) -> ${whole}, [${first}], [${second}])[1]`
    : sql`arrayMap(__two -> ${whole}, [${second}])[1]`;
}
