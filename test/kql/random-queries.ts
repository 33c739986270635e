import type { CatalogView, TableSchema } from '../../src/model/table-schema.ts';
import type { Engine } from '../conformance/engine.ts';

/** Random queries over two small tables, whose answers do not depend on the order in which rows are read. */
export const RANDOM_DATABASE = 'tenant_random';

type Kind = 'long' | 'string' | 'datetime' | 'bool' | 'dynamic';

interface Column {
  readonly name: string;
  readonly type: Kind;
}

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'k', type: 'long' },
  { name: 's', type: 'string' },
  { name: 'Timestamp', type: 'datetime' },
  { name: 'b', type: 'bool' },
  { name: 'd', type: 'dynamic' },
];
const SQL_TYPES = ['Int64', 'Nullable(Int64)', 'String', "DateTime64(7, 'UTC')", 'Nullable(Bool)', 'String'];
const WORDS = ['', 'alpha', 'Beta', 'beta gamma', 'delta-alpha', 'ALPHA'];

function table(name: string): TableSchema {
  const columns = COLUMNS.map((column, i) => ({
    ...column,
    description: '',
    nullable: SQL_TYPES[i]?.startsWith('Nullable') === true,
    indexes: [],
  }));
  return {
    ...{ name, area: '', description: '', source: '', columns, timeColumn: 'Timestamp' },
    columnAliases: new Map(),
  };
}

export const RANDOM_CATALOG: CatalogView = {
  tables: new Map(['A', 'B'].map((name) => [name, table(name)])),
  tableAliases: new Map(),
};

/** 40 rows in A and 25 in B: few values, nulls and doubles among them. */
export function createRandomTables(engine: Engine, seed: number): void {
  const random = new Random(seed);
  engine.command(`CREATE DATABASE ${RANDOM_DATABASE}`);
  const names = COLUMNS.map(({ name }) => name);
  const definitions = names.map((name, i) => `\`${name}\` ${SQL_TYPES[i]}`).join(', ');
  for (const [name, count] of [
    ['A', 40],
    ['B', 25],
  ] as const) {
    engine.command(
      `CREATE TABLE ${RANDOM_DATABASE}.${name} (${definitions}, _arrival UInt64, _ingested DateTime64(7, 'UTC'))
       ENGINE = MergeTree ORDER BY Timestamp`,
    );
    const rows = Array.from({ length: count }, (_, id) => [
      id,
      random.below(6) === 0 ? null : random.below(5),
      random.pick(WORDS),
      `2024-01-0${1 + random.below(3)} 0${random.below(9)}:00:00`,
      random.pick([true, false, null]),
      random.pick(['', '[1,2]', '{"a":1,"b":"x"}', '[{"a":2}]', '7', '["alpha"]']),
    ]);
    engine.insert(RANDOM_DATABASE, name, names, rows);
  }
}

/** One query; the same for the same seed. */
export function randomQuery(seed: number): string {
  return new Writer(new Random(seed)).query();
}

/** Numerical Recipes' congruences: enough to pick, and the same everywhere. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
    for (let i = 0; i < 4; i++) this.below(2);
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

interface Rows {
  readonly text: string;
  readonly columns: readonly Column[];
}

class Writer {
  readonly #random: Random;
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  query(): string {
    if (this.#random.below(4) > 0) return this.#pipeline(2 + this.#random.below(5), 2).text;
    const named = this.#pipeline(1 + this.#random.below(3), 1);
    const rows = this.#steps({ text: 'L', columns: named.columns }, 1 + this.#random.below(3), 1);
    const again = this.#steps({ text: 'L', columns: named.columns }, this.#random.below(2), 0);
    return `let L = ${named.text};\nunion (${rows.text}), (${again.text})`;
  }

  #pipeline(steps: number, depth: number): Rows {
    return this.#steps({ text: this.#random.pick(['A', 'B']), columns: COLUMNS }, steps, depth);
  }

  #steps(from: Rows, steps: number, depth: number): Rows {
    let rows = from;
    for (let i = 0; i < steps; i++) rows = this.#step(rows, depth);
    return rows;
  }

  #step(rows: Rows, depth: number): Rows {
    const { text, columns } = rows;
    const same = (operator: string): Rows => ({ text: `${text}\n| ${operator}`, columns });
    switch (this.#random.below(depth > 0 ? 12 : 9)) {
      case 0:
      case 1:
        return same(`where ${this.#predicate(columns)}`);
      case 2: {
        const added = { name: `x${this.#made++}`, type: 'long' } as const;
        return { ...same(`extend ${added.name} = ${this.#number(columns)}`), columns: [...columns, added] };
      }
      case 3: {
        const kept = columns.filter(() => this.#random.below(3) > 0);
        if (kept.length === 0) return same('where true');
        return { text: `${text}\n| project ${kept.map(({ name }) => name).join(', ')}`, columns: kept };
      }
      case 4:
        return this.#summarized(rows);
      case 5: {
        const order = columns.map(({ name, type }) => (type === 'dynamic' ? `tostring(${name})` : name));
        return same(`sort by ${order.join(', ')}\n| take ${1 + this.#random.below(12)}`);
      }
      case 6: {
        const some = columns.filter(({ type }) => type !== 'dynamic').slice(0, 1 + this.#random.below(3));
        if (some.length === 0) return same('where true');
        return { text: `${text}\n| distinct ${some.map(({ name }) => name).join(', ')}`, columns: some };
      }
      case 7: {
        const lists = columns.filter(({ type }) => type === 'dynamic');
        return lists.length === 0 ? same('where true') : same(`mv-expand ${this.#random.pick(lists).name}`);
      }
      case 8:
        return this.#latest(rows);
      case 9:
        return this.#joined(rows, depth);
      case 10: {
        const other = this.#pipeline(this.#random.below(3), depth - 1);
        const names = new Map([...columns, ...other.columns].map((column) => [column.name, column]));
        const clash = other.columns.some(({ name, type }) =>
          columns.some((column) => column.name === name && column.type !== type),
        );
        return clash
          ? same('where true')
          : { text: `${text}\n| union (${other.text})`, columns: [...names.values()] };
      }
      default:
        return this.#within(rows, depth);
    }
  }

  #summarized({ text, columns }: Rows): Rows {
    const keys = columns.filter(({ type }) => type !== 'dynamic' && this.#random.below(4) === 0);
    const numbers = columns.filter(({ type }) => type === 'long');
    const calls = ['n = count()', `c = countif(${this.#predicate(columns)})`];
    const made: Column[] = [
      { name: 'n', type: 'long' },
      { name: 'c', type: 'long' },
    ];
    if (numbers.length > 0) {
      calls.push(
        `m = ${this.#random.pick(['sum', 'max', 'min', 'dcount'])}(${this.#random.pick(numbers).name})`,
      );
      made.push({ name: 'm', type: 'long' });
    }
    const taken = new Set(made.map(({ name }) => name));
    const by = keys.filter(({ name }) => !taken.has(name));
    const clause = by.length === 0 ? '' : ` by ${by.map(({ name }) => name).join(', ')}`;
    return { text: `${text}\n| summarize ${calls.join(', ')}${clause}`, columns: [...by, ...made] };
  }

  /** The whole row of the latest of each group: `id` is unique in a table, so there is one. */
  #latest({ text, columns }: Rows): Rows {
    const names = new Set(columns.map(({ name }) => name));
    const isTable = text === 'A' || text === 'B';
    if (!isTable || !names.has('s')) return { text: `${text}\n| where true`, columns };
    const kept = columns.filter(({ name }) => name !== 's' && name !== 'id');
    const order = ['s', 'id', ...kept.map(({ name }) => name)];
    const sorted = order.map((name) => columns.find((column) => column.name === name) as Column);
    return { text: `${text}\n| summarize arg_max(id, *) by s`, columns: sorted };
  }

  #joined(rows: Rows, depth: number): Rows {
    const other = this.#pipeline(this.#random.below(3), depth - 1);
    const keys = rows.columns.filter(({ name, type }) =>
      other.columns.some((column) => column.name === name && column.type === type && type !== 'dynamic'),
    );
    if (keys.length === 0) return { text: `${rows.text}\n| where true`, columns: rows.columns };
    const kind = this.#random.pick(['inner', 'leftouter', 'leftsemi', 'leftanti', 'fullouter', 'rightouter']);
    const on = this.#random.pick(keys).name;
    const joined = `${rows.text}\n| join kind=${kind} (${other.text}) on ${on}`;
    // What the right side adds has made names: the left's are enough to go on with.
    const left = rows.columns.map(({ name }) => name).join(', ');
    return { text: `${joined}\n| project ${left}`, columns: rows.columns };
  }

  #within(rows: Rows, depth: number): Rows {
    const other = this.#pipeline(this.#random.below(3), depth - 1);
    const pair = rows.columns.find(({ name, type }) =>
      other.columns.some((column) => column.name === name && column.type === type && type === 'string'),
    );
    if (!pair) return { text: `${rows.text}\n| where true`, columns: rows.columns };
    const operator = this.#random.pick(['in', '!in', 'in~', 'has_any']);
    const set = `(${other.text} | distinct ${pair.name})`;
    return { text: `${rows.text}\n| where ${pair.name} ${operator} (${set})`, columns: rows.columns };
  }

  #predicate(columns: readonly Column[]): string {
    const { name, type } = this.#random.pick(columns);
    const test = this.#test(name, type);
    const { below } = { below: this.#random.below(5) };
    if (below === 0) return `not(${test})`;
    if (below > 2) return test;
    const other = this.#random.pick(columns);
    return `${test} ${below === 1 ? 'and' : 'or'} ${this.#test(other.name, other.type)}`;
  }

  #test(name: string, type: Kind): string {
    switch (type) {
      case 'long':
        return `${name} ${this.#random.pick(['==', '!=', '<', '>='])} ${this.#random.below(6)}`;
      case 'string':
        return `${name} ${this.#random.pick(['==', '!=', 'has', '!has', 'contains', '=~', 'startswith'])} '${this.#random.pick(WORDS)}'`;
      case 'datetime':
        return `${name} ${this.#random.pick(['<', '>=', '=='])} datetime(2024-01-0${1 + this.#random.below(3)})`;
      case 'bool':
        return this.#random.pick([name, `isnull(${name})`, `${name} == true`]);
      case 'dynamic':
        return this.#random.pick([
          `isempty(${name})`,
          `tostring(${name}.a) == '1'`,
          `array_length(${name}) > 1`,
        ]);
    }
  }

  #number(columns: readonly Column[]): string {
    const { name, type } = this.#random.pick(columns);
    switch (type) {
      case 'long':
        return `${name} ${this.#random.pick(['+', '*', '-', '%'])} ${1 + this.#random.below(4)}`;
      case 'string':
        return this.#random.pick([`strlen(${name})`, `iff(${name} has 'alpha', 1, 0)`]);
      case 'datetime':
        return `hourofday(${name})`;
      case 'bool':
        return `tolong(${name})`;
      case 'dynamic':
        return this.#random.pick([`tolong(${name}.a)`, `array_length(${name})`]);
    }
  }
}
