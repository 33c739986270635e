import { ident, type Sql, sql } from '../../clickhouse/sql.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import type { Relation } from '../plan/relation.ts';
import { aggregateSelect } from './aggregate.ts';
import { arrivalPredicates } from './arrival.ts';
import { expandSelect } from './expand.ts';
import { columnName, printExpression, printPredicate } from './expression.ts';
import { joinSelect } from './join.ts';
import { projectSelect } from './project.ts';
import {
  type Building,
  type Clause,
  carriedOrder,
  EMPTY,
  isFree,
  outputNames,
  type Select,
  selectSql,
} from './select.ts';
import { sequenceSelect } from './sequence.ts';
import { scanSelect, valuesSelect } from './source.ts';
import type { StatementContext } from './statement-context.ts';
import { unionSelect } from './union.ts';
import { windowSelect } from './window.ts';

/** Decides how many SELECTs the plans of one statement become: names are unique in it. */
export class Printer implements Building {
  readonly nowTicks: bigint;
  readonly indexes = new Map<number, readonly ColumnIndex[]>();
  readonly lowCardinality = new Set<number>();
  readonly places = new Map<number, Sql>();
  readonly #context: StatementContext;
  readonly #arrival: readonly Sql[];
  #nextAlias = 0;

  constructor(context: StatementContext) {
    this.nowTicks = context.nowTicks;
    this.#context = context;
    this.#arrival = arrivalPredicates(context.arrival);
  }

  column(id: number): Sql {
    return this.places.get(id) ?? columnName(id);
  }

  fresh(prefix = 'k'): Sql {
    return ident(`${prefix}${this.#nextAlias++}`);
  }

  relation(relation: Relation): Sql {
    return this.render(this.build(relation), outputNames(relation));
  }

  build(relation: Relation): Select {
    switch (relation.kind) {
      case 'scan':
        return scanSelect(relation, this.#context, this.#arrival, this);
      case 'values':
        return valuesSelect(relation, this);
      case 'sequence':
        return sequenceSelect(relation, this);
      case 'filter': {
        const input = this.open(this.build(relation.input), 'where');
        return { ...input, where: [...input.where, printPredicate(relation.predicate, this)] };
      }
      case 'project':
        return projectSelect(relation, this);
      case 'aggregate':
        return aggregateSelect(relation, this);
      case 'join':
        return joinSelect(relation, this);
      case 'union':
        return unionSelect(relation, this);
      case 'sort': {
        const input = this.open(this.build(relation.input), 'order');
        const keys = relation.keys.map((key) => ({
          sql: printExpression(key.expression, this).sql,
          descending: key.descending,
          nullsFirst: key.nullsFirst,
        }));
        return { ...input, orderBy: keys };
      }
      case 'limit': {
        const input = this.open(this.build(relation.input), 'limit');
        return { ...input, limit: relation.count };
      }
      case 'limit-by': {
        const input = this.open(this.build(relation.input), 'limit-by');
        const keys = relation.keys.map((key) => printExpression(key, this).sql);
        return { ...input, limitBy: { count: relation.count, keys } };
      }
      case 'window':
        return windowSelect(relation, this);
      case 'expand':
        return expandSelect(relation, this);
      case 'program':
      case 'external':
        throw new Error(`a ${relation.kind} reached the printer: its stage was not run`);
    }
  }

  render(select: Select, outputs: readonly Sql[]): Sql {
    // From outside only the names can be reached, not what they are places of.
    for (const id of select.definitions.keys()) this.places.delete(id);
    return selectSql(select, outputs);
  }

  open(select: Select, clause: Clause): Select {
    return isFree(select, clause) ? select : this.wrap(select);
  }

  wrap(select: Select): Select {
    const order = carriedOrder(select, this);
    const outputs = [...outputNames(select), ...order.outputs];
    return {
      ...EMPTY,
      from: sql`(${this.render(select, outputs)})`,
      fields: select.fields,
      orderBy: order.keys,
    };
  }
}
