import { count, ident, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import { AGGREGATIONS } from '../aggregates/index.ts';
import { namedPlace } from '../functions/dynamic-path.ts';
import type { CallContext } from '../functions/registry.ts';
import type { Expression } from '../plan/expression.ts';
import type {
  Aggregate,
  Expand,
  Field,
  Join,
  Relation,
  Scan,
  Sequence,
  Values,
  Window,
} from '../plan/relation.ts';
import { arrivalPredicates } from './arrival.ts';
import { scopePredicate } from './device-scope.ts';
import { elements, isNative, zipped } from './expand.ts';
import { coerced, columnName, type Printing, printExpression, printPredicate } from './expression.ts';
import { JOINS, keyEquality } from './join.ts';
import { nullOf } from './literal.ts';
import { span, stepped } from './sequence.ts';
import type { StatementContext } from './statement-context.ts';
import { printWindow } from './window.ts';

/**
 * Decides how many SELECTs a plan becomes. A Select has one slot per clause; an operator that finds its clause taken
 * wraps the Select into a subquery and starts anew. Column ids are aliases that are unique in the whole statement, and
 * definitions stand in the WITH list, so every clause may use them.
 */
interface Select {
  readonly from: Sql | undefined;
  /** Definitions by column id, in order; each may use those before it. */
  readonly definitions: ReadonlyMap<number, Sql>;
  readonly where: readonly Sql[];
  readonly groupBy: readonly number[] | undefined;
  readonly aggregated: boolean;
  readonly orderBy: readonly OrderKey[];
  readonly limitBy: { readonly count: number; readonly keys: readonly Sql[] } | undefined;
  readonly limit: number | undefined;
  readonly arrayJoin: readonly Sql[];
  readonly fields: readonly Field[];
  /** How large each definition is once every alias in it is spelt out; keeps the engine's analysis small. */
  readonly weights: ReadonlyMap<number, number>;
  readonly settled: boolean;
}

interface OrderKey {
  readonly sql: Sql;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

const MAX_WEIGHT = 400;

/** Aggregations whose value does not hang on the order of the rows: a sort below them is left out. */
const ANY_ORDER: ReadonlySet<string> = new Set([
  'count',
  'countif',
  'count_distinct',
  'count_distinctif',
  'dcount',
  'dcountif',
  'sum',
  'sumif',
  'avg',
  'avgif',
  'min',
  'minif',
  'max',
  'maxif',
]);

/** Prints one statement: names are unique in it. */
export class Printer implements Printing {
  readonly nowTicks: bigint;
  readonly indexes = new Map<number, readonly ColumnIndex[]>();
  /** Names of definitions of the SELECT being built that are places inside other columns of it. */
  readonly #places = new Map<number, Sql>();
  readonly #context: StatementContext;
  readonly #arrival: readonly Sql[];
  #nextAlias = 0;

  constructor(context: StatementContext) {
    this.nowTicks = context.nowTicks;
    this.#context = context;
    this.#arrival = arrivalPredicates(context.arrival);
  }

  column(id: number): Sql {
    return this.#places.get(id) ?? columnName(id);
  }

  relation(relation: Relation): Sql {
    const select = this.build(relation);
    return this.render(
      select,
      relation.fields.map((field) => columnName(field.id)),
    );
  }

  build(relation: Relation): Select {
    switch (relation.kind) {
      case 'scan':
        return this.#scan(relation);
      case 'values':
        return this.#values(relation);
      case 'sequence':
        return this.#sequence(relation);
      case 'filter': {
        const input = this.#open(this.build(relation.input), 'where');
        return { ...input, where: [...input.where, printPredicate(relation.predicate, this)] };
      }
      case 'project':
        return this.#project(relation.input, relation.fields, relation.expressions);
      case 'aggregate':
        return this.#aggregate(relation);
      case 'join':
        return this.#join(relation);
      case 'union':
        return this.#union(relation.inputs, relation.fields);
      case 'sort': {
        const input = this.#open(this.build(relation.input), 'order');
        const keys = relation.keys.map((key) => ({
          sql: printExpression(key.expression, this).sql,
          descending: key.descending,
          nullsFirst: key.nullsFirst,
        }));
        return { ...input, orderBy: keys };
      }
      case 'limit': {
        const input = this.#open(this.build(relation.input), 'limit');
        return { ...input, limit: relation.count };
      }
      case 'limit-by': {
        const input = this.#open(this.build(relation.input), 'limit-by');
        const keys = relation.keys.map((key) => printExpression(key, this).sql);
        return { ...input, limitBy: { count: relation.count, keys } };
      }
      case 'window':
        return this.#window(relation);
      case 'expand':
        return this.#expand(relation);
      case 'program':
      case 'external':
        throw new Error(`a ${relation.kind} reached the printer: its stage was not run`);
    }
  }

  /** `SELECT outputs ...` with every clause of the Select. */
  render(select: Select, outputs: readonly Sql[]): Sql {
    // From outside only the names can be reached, not what they are places of.
    for (const id of select.definitions.keys()) this.#places.delete(id);
    const parts: Sql[] = [];
    const definitions = [...select.definitions].map(
      ([id, definition]) => sql`${definition} AS ${columnName(id)}`,
    );
    if (definitions.length > 0) parts.push(sql`WITH ${joinSql(definitions, ', ')}`);
    parts.push(sql`SELECT ${outputs.length > 0 ? joinSql(outputs, ', ') : sql`1`}`);
    if (select.from) parts.push(sql`FROM ${select.from}`);
    if (select.arrayJoin.length > 0) parts.push(sql`ARRAY JOIN ${joinSql(select.arrayJoin, ', ')}`);
    if (select.where.length > 0) parts.push(sql`WHERE ${joinSql(select.where, ' AND ')}`);
    if (select.groupBy && select.groupBy.length > 0) {
      parts.push(sql`GROUP BY ${joinSql(select.groupBy.map(columnName), ', ')}`);
    }
    if (select.orderBy.length > 0) parts.push(sql`ORDER BY ${orderSql(select.orderBy)}`);
    if (select.limitBy)
      parts.push(sql`LIMIT ${count(select.limitBy.count)} BY ${joinSql(select.limitBy.keys, ', ')}`);
    if (select.limit !== undefined) parts.push(sql`LIMIT ${count(select.limit)}`);
    return joinSql(parts, ' ');
  }

  /** The Select itself if the clause is still free in it, else a new one around it. */
  #open(
    select: Select,
    clause: 'where' | 'order' | 'limit' | 'limit-by' | 'project' | 'group' | 'expand',
  ): Select {
    const closed = select.limit !== undefined || select.limitBy !== undefined;
    switch (clause) {
      case 'where':
        return closed || select.aggregated || select.settled || select.arrayJoin.length > 0
          ? this.#wrap(select)
          : select;
      case 'order':
        return closed ? this.#wrap(select) : select;
      case 'limit':
        return select.limit !== undefined ? this.#wrap(select) : select;
      case 'limit-by':
        return closed || select.aggregated ? this.#wrap(select) : select;
      case 'project':
        return select;
      case 'group':
      case 'expand':
        return closed ||
          select.aggregated ||
          select.settled ||
          select.orderBy.length > 0 ||
          select.arrayJoin.length > 0
          ? this.#wrap(select)
          : select;
    }
  }

  /** A subquery. Its order, if it has one, is carried out as columns, because a subquery's order does not hold outside. */
  #wrap(select: Select): Select {
    const carried = select.orderBy.map((key) => ({ key, alias: ident(`k${this.#nextAlias++}`) }));
    const outputs = [
      ...select.fields.map((field) => columnName(field.id)),
      ...carried.map(({ key, alias }) => sql`${key.sql} AS ${alias}`),
    ];
    return {
      ...EMPTY,
      from: sql`(${this.render(select, outputs)})`,
      fields: select.fields,
      orderBy: carried.map(({ key, alias }) => ({ ...key, sql: alias })),
    };
  }

  #scan(relation: Scan): Select {
    const definitions = new Map<number, Sql>();
    for (const field of relation.fields) {
      definitions.set(field.id, relation.stored ? ident(field.column) : nullOf(field.type));
      if (relation.stored) this.indexes.set(field.id, field.indexes);
    }
    if (!relation.stored) {
      return { ...EMPTY, from: sql`(SELECT 1 WHERE 0)`, definitions, fields: relation.fields };
    }
    if (relation.shared)
      return { ...EMPTY, from: ident(relation.table), definitions, fields: relation.fields };
    const from = sql`${ident(this.#context.database)}.${ident(relation.table)}`;
    const scope = scopePredicate(relation.belongsTo, this.#context.scope, this.#context);
    const arrival = relation.isReference ? [] : this.#arrival;
    const where = [...arrival, ...(scope === undefined ? [] : [scope])];
    return { ...EMPTY, from, definitions, where, fields: relation.fields };
  }

  #values(relation: Values): Select {
    const rows = relation.rows.map((row) => row.map((cell) => printExpression(cell, this).sql));
    const [only] = rows;
    if (rows.length === 1 && only) {
      const definitions = new Map(relation.fields.map((field, i) => [field.id, only[i] as Sql]));
      return { ...EMPTY, definitions, fields: relation.fields, settled: true };
    }
    if (rows.length === 0) {
      const definitions = new Map(relation.fields.map((field) => [field.id, nullOf(field.type)]));
      return { ...EMPTY, from: sql`(SELECT 1 WHERE 0)`, definitions, fields: relation.fields };
    }
    const structure = relation.fields.map((field) => `c${field.id} ${SQL_TYPE[field.type]}`).join(', ');
    const tuples = rows.map((row) => sql`(${joinSql(row, ', ')})`);
    return {
      ...EMPTY,
      from: sql`values(${text(structure)}, ${joinSql(tuples, ', ')})`,
      fields: relation.fields,
    };
  }

  #sequence(relation: Sequence): Select {
    const [field] = relation.fields;
    const from = printExpression(relation.from, this).sql;
    const to = printExpression(relation.to, this).sql;
    const step = printExpression(relation.step, this).sql;
    const start = ident(`k${this.#nextAlias++}`);
    const numbers = sql`(SELECT number AS ${start} FROM numbers(toUInt64(greatest(ifNull(${span(field, from, to, step)}, 0), 0))))`;
    return {
      ...EMPTY,
      from: numbers,
      definitions: new Map([[field.id, stepped(field, from, step, start)]]),
      fields: relation.fields,
    };
  }

  #project(inputRelation: Relation, fields: readonly Field[], expressions: readonly Expression[]): Select {
    let input = this.build(inputRelation);
    const weigh = (): number[] => expressions.map((expression) => weightOf(expression, input.weights));
    if (weigh().some((weight) => weight > MAX_WEIGHT)) input = this.#wrap(input);
    const weights = new Map(input.weights);
    const definitions = new Map(input.definitions);
    weigh().forEach((weight, i) => {
      const field = fields[i] as Field;
      const expression = expressions[i] as Expression;
      if (expression.kind === 'column' && expression.id === field.id) return;
      const definition = printExpression(expression, this).sql;
      definitions.set(field.id, definition);
      this.#places.set(field.id, namedPlace(columnName(field.id), definition));
      weights.set(field.id, weight);
      if (expression.kind === 'column') {
        const indexes = this.indexes.get(expression.id);
        if (indexes) this.indexes.set(field.id, indexes);
      }
    });
    return { ...input, definitions, weights, fields };
  }

  #aggregate(relation: Aggregate): Select {
    const built = this.build(relation.input);
    const ordered = relation.aggregates.some(({ name }) => !ANY_ORDER.has(name));
    const input = this.#open(
      ordered || built.limit !== undefined || built.limitBy ? built : { ...built, orderBy: [] },
      'group',
    );
    const definitions = new Map(input.definitions);
    relation.keys.forEach((key, i) => {
      definitions.set((relation.fields[i] as Field).id, printExpression(key, this).sql);
    });
    relation.aggregates.forEach((aggregate, i) => {
      const entry = AGGREGATIONS[aggregate.name];
      if (!entry) throw new Error(`no registry entry for the aggregation \`${aggregate.name}\``);
      const context: CallContext = { type: aggregate.type, nowTicks: this.nowTicks };
      const args = aggregate.args.map((arg, j) => coerced(arg, entry.params, j, this));
      definitions.set((relation.fields[relation.keys.length + i] as Field).id, entry.sql(args, context));
    });
    const keys = relation.fields.slice(0, relation.keys.length).map((field) => field.id);
    const grouped = { groupBy: keys, aggregated: true, orderBy: [], fields: relation.fields };
    const select = { ...input, definitions, ...grouped };
    // Without keys it is the aggregates in the SELECT list that make it one row: they must stand there, read or not.
    return keys.length === 0 ? this.#wrap(select) : select;
  }

  #join(relation: Join): Select {
    const on = relation.on.map(({ left, right }) =>
      keyEquality(printExpression(left, this), printExpression(right, this)),
    );
    const nullable = {
      left: relation.join === 'right' || relation.join === 'full',
      right: relation.join === 'left' || relation.join === 'full',
    };
    const ordered = relation.keepsOrder === true ? this.#wrap(this.build(relation.left)) : undefined;
    const left = ordered ? (ordered.from as Sql) : this.#side(relation.left, nullable.left);
    const right = this.#side(relation.right, nullable.right);
    const from = sql`${left} AS ${ident(`l${this.#nextAlias}`)} ${JOINS[relation.join]} ${right} AS ${ident(`r${this.#nextAlias++}`)} ON ${joinSql(on, ' AND ')}`;
    return { ...EMPTY, from, fields: relation.fields, orderBy: ordered?.orderBy ?? [] };
  }

  /** A side whose missing rows are filled must be able to hold the NULLs. */
  #side(relation: Relation, filled: boolean): Sql {
    const select = this.build(relation);
    if (!filled)
      return sql`(${this.render(
        select,
        relation.fields.map((field) => columnName(field.id)),
      )})`;
    const wrapped = this.#wrap(select);
    const outputs = relation.fields.map((field) => {
      const name = columnName(field.id);
      return field.type === 'string' || field.type === 'dynamic' ? name : sql`toNullable(${name}) AS ${name}`;
    });
    return sql`(${this.render({ ...wrapped, orderBy: [] }, outputs)})`;
  }

  #union(inputs: readonly Relation[], fields: readonly Field[]): Select {
    const legs = inputs.map((input) => this.#leg(input, fields));
    if (legs.length === 0) {
      return {
        ...EMPTY,
        from: sql`(SELECT 1 WHERE 0)`,
        definitions: new Map(fields.map((field) => [field.id, nullOf(field.type)])),
        fields,
      };
    }
    return { ...EMPTY, from: sql`(${joinSql(legs, ' UNION ALL ')})`, fields };
  }

  /** A leg of a union under the union's names. Its order is nobody's promise, but what a limit keeps depends on it. */
  #leg(leg: Relation, fields: readonly Field[]): Sql {
    const direct = leg.kind === 'project';
    const input = this.build(direct ? leg.input : leg);
    const select = input.limit === undefined && !input.limitBy ? { ...input, orderBy: [] } : input;
    const outputs = leg.fields.map((field, i) => {
      const target = fields[i] as Field;
      const value = direct
        ? printExpression(leg.expressions[i] as Expression, this)
        : { sql: columnName(field.id), nullable: field.nullable };
      const fits = value.nullable || target.type === 'string' || target.type === 'dynamic';
      return sql`${fits ? value.sql : sql`toNullable(${value.sql})`} AS ${columnName(target.id)}`;
    });
    return this.render(select, outputs);
  }

  #window(relation: Window): Select {
    const built = this.build(relation.input);
    const input = built.limit !== undefined || built.limitBy || built.aggregated ? this.#wrap(built) : built;
    const position = ident(`k${this.#nextAlias++}`);
    const order = input.orderBy.length > 0 ? sql`ORDER BY ${orderSql(input.orderBy)}` : sql``;
    const outputs = [
      ...input.fields.map((field) => columnName(field.id)),
      sql`toInt64(row_number() OVER (${order})) AS ${position}`,
    ];
    const numbered = sql`(${this.render({ ...input, orderBy: [] }, outputs)})`;
    const added = relation.fields.slice(relation.fields.length - relation.calls.length);
    const calls = relation.calls.map((call, i) => ({ ...call, id: (added[i] as Field).id }));
    const select = printWindow(numbered, calls, position, this, () => ident(`k${this.#nextAlias++}`));
    return {
      ...EMPTY,
      from: sql`(${select})`,
      fields: relation.fields,
      orderBy: [{ sql: position, descending: false, nullsFirst: false }],
    };
  }

  #expand(relation: Expand): Select {
    const input = this.build(relation.input);
    const fresh = (): Sql => ident(`k${this.#nextAlias++}`);
    const carried = input.orderBy.map((key) => ({ key, alias: fresh() }));
    const lists = relation.arrays.map((array) => ({
      sql: isNative(array) ? printExpression(array, this).sql : elements(printExpression(array, this).sql),
      alias: fresh(),
    }));
    // The order goes on outside; a limit inside needs it too.
    const limited = input.limit !== undefined || input.limitBy !== undefined;
    const inner = this.render(limited ? input : { ...input, orderBy: [] }, [
      ...input.fields.map((field) => columnName(field.id)),
      ...carried.map(({ key, alias }) => sql`${key.sql} AS ${alias}`),
      ...lists.map((list) => sql`${list.sql} AS ${list.alias}`),
    ]);
    const joined = zipped(
      lists.map((list) => list.alias),
      relation.limit,
    ).map((list) => ({ list, element: fresh() }));
    const added = relation.fields.slice(
      relation.fields.length - joined.length - (relation.withIndex ? 1 : 0),
    );
    const definitions = new Map(
      joined.map(({ element }, i) => [
        (added[i] as Field).id,
        isNative(relation.arrays[i]) ? element : sql`if(${element} = 'null', '', ${element})`,
      ]),
    );
    const arrayJoin = joined.map(({ list, element }) => sql`${list} AS ${element}`);
    const orderBy = carried.map(({ key, alias }) => ({ ...key, sql: alias }));
    if (relation.withIndex || carried.length > 0) {
      const position = fresh();
      arrayJoin.push(sql`arrayEnumerate(${(joined[0] as { list: Sql }).list}) AS ${position}`);
      if (relation.withIndex)
        definitions.set((added[joined.length] as Field).id, sql`(toInt64(${position}) - 1)`);
      if (carried.length > 0) orderBy.push({ sql: position, descending: false, nullsFirst: false });
    }
    return { ...EMPTY, from: sql`(${inner})`, arrayJoin, definitions, fields: relation.fields, orderBy };
  }
}

function orderSql(keys: readonly OrderKey[]): Sql {
  return joinSql(
    keys.map(
      (key) =>
        sql`${key.sql} ${key.descending ? sql`DESC` : sql`ASC`} NULLS ${key.nullsFirst ? sql`FIRST` : sql`LAST`}`,
    ),
    ', ',
  );
}

function weightOf(expression: Expression, weights: ReadonlyMap<number, number>): number {
  switch (expression.kind) {
    case 'column':
      return weights.get(expression.id) ?? 1;
    case 'call':
      return 1 + expression.args.reduce((sum, arg) => sum + weightOf(arg, weights), 0);
    default:
      return 1;
  }
}

const EMPTY: Select = {
  from: undefined,
  definitions: new Map(),
  where: [],
  groupBy: undefined,
  aggregated: false,
  orderBy: [],
  limitBy: undefined,
  limit: undefined,
  arrayJoin: [],
  fields: [],
  weights: new Map(),
  settled: false,
};
