import type { Json, ScalarProgram } from '../contract.ts';

/** What `buildschema` makes of the values of a group, once they are collected. */
export const schemaPrograms: Readonly<Record<string, ScalarProgram>> = {
  schema_of_values: {
    summary: 'The smallest schema that admits all values of an array.',
    page: 'buildschema-aggregation-function',
    params: ['dynamic'],
    result: 'dynamic',
    compute: ([values]) => {
      if (!Array.isArray(values) || values.length === 0) return null;
      const schema = new Schema();
      for (const value of values) schema.add(value);
      return schema.print();
    },
  },
};

const INDEXER = '`indexer`';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/;

/** The kinds of value seen at one place. */
class Schema {
  readonly #scalars = new Set<string>();
  readonly #members = new Map<string, Schema>();
  #elements: Schema | undefined;
  #isBag = false;

  add(value: Json): void {
    if (value === null) return;
    if (Array.isArray(value)) {
      this.#elements ??= new Schema();
      for (const element of value) this.#elements.add(element);
    } else if (typeof value === 'object') {
      this.#isBag = true;
      for (const [name, member] of Object.entries(value as { readonly [key: string]: Json })) {
        const known = this.#members.get(name) ?? new Schema();
        this.#members.set(name, known);
        known.add(member);
      }
    } else this.#scalars.add(scalarType(value));
  }

  print(): Json {
    // Values come in no order, so the kinds get one of their own.
    const kinds: Json[] = [...this.#scalars].sort();
    if (this.#elements) kinds.push({ [INDEXER]: this.#elements.print() });
    if (this.#isBag)
      kinds.push(Object.fromEntries([...this.#members].map(([name, member]) => [name, member.print()])));
    return kinds.length === 1 ? (kinds[0] ?? null) : kinds.length === 0 ? 'null' : kinds;
  }
}

function scalarType(value: string | number | bigint | boolean): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  return GUID.test(value) ? 'guid' : DATETIME.test(value) ? 'datetime' : 'string';
}
