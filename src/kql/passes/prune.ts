import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';

/** Drops columns that nothing above reads, down to the scans: the engine then never touches them. */
export function pruneColumns(relation: Relation, output: readonly Field[]): Relation {
  return prune(relation, new Set(output.map((field) => field.id)));
}

type Ids = ReadonlySet<number>;

function prune(relation: Relation, needed: Ids): Relation {
  const kept = <F extends Field>(fields: readonly F[]): F[] => fields.filter((field) => needed.has(field.id));
  switch (relation.kind) {
    case 'scan':
      return { ...relation, fields: kept(relation.fields) };
    case 'values': {
      const keep = relation.fields.map((field) => needed.has(field.id));
      if (!keep.includes(true)) keep[0] = true;
      return {
        ...relation,
        fields: relation.fields.filter((_, i) => keep[i]),
        rows: relation.rows.map((row) => row.filter((_, i) => keep[i]).map(inner)),
      };
    }
    case 'sequence':
    case 'external':
      return relation;
    case 'program':
      return {
        ...relation,
        inputs: relation.inputs.map((input) => prune(input, new Set(input.fields.map((field) => field.id)))),
      };
    case 'filter': {
      const input = prune(relation.input, withReads(needed, [relation.predicate]));
      return { ...relation, input, fields: kept(relation.fields), predicate: inner(relation.predicate) };
    }
    case 'project': {
      const places = relation.fields
        .map((_, i) => i)
        .filter((i) => needed.has((relation.fields[i] as Field).id));
      const expressions = places.map((i) => inner(relation.expressions[i] as Expression));
      const input = prune(relation.input, withReads(new Set(), expressions));
      return { ...relation, input, fields: places.map((i) => relation.fields[i] as Field), expressions };
    }
    case 'aggregate': {
      const keyCount = relation.keys.length;
      const read = relation.aggregates
        .map((_, i) => i)
        .filter((i) => needed.has((relation.fields[keyCount + i] as Field).id));
      // Without keys and aggregates nothing would be left to say that there is one row.
      const places = keyCount === 0 && read.length === 0 ? [0] : read;
      const aggregates = places.map((i) => {
        const call = relation.aggregates[i] as (typeof relation.aggregates)[number];
        return { ...call, args: call.args.map(inner) };
      });
      const keys = relation.keys.map(inner);
      const input = prune(
        relation.input,
        withReads(new Set(), [...keys, ...aggregates.flatMap((call) => call.args)]),
      );
      const fields = [
        ...relation.fields.slice(0, keyCount),
        ...places.map((i) => relation.fields[keyCount + i] as Field),
      ];
      return { ...relation, input, fields, keys, aggregates };
    }
    case 'join': {
      const left = prune(
        relation.left,
        withReads(
          needed,
          relation.on.map((pair) => pair.left),
        ),
      );
      const right = prune(
        relation.right,
        withReads(
          needed,
          relation.on.map((pair) => pair.right),
        ),
      );
      return { ...relation, left, right, fields: kept(relation.fields) };
    }
    case 'union': {
      const places = relation.fields
        .map((_, i) => i)
        .filter((i) => needed.has((relation.fields[i] as Field).id));
      const inputs = relation.inputs.map((input) => {
        const ids = new Set(places.map((i) => (input.fields[i] as Field).id));
        return withFields(
          prune(input, ids),
          places.map((i) => input.fields[i] as Field),
        );
      });
      return { ...relation, inputs, fields: places.map((i) => relation.fields[i] as Field) };
    }
    case 'sort': {
      const input = prune(
        relation.input,
        withReads(
          needed,
          relation.keys.map((key) => key.expression),
        ),
      );
      return { ...relation, input, fields: kept(relation.fields) };
    }
    case 'limit':
      return { ...relation, input: prune(relation.input, needed), fields: kept(relation.fields) };
    case 'limit-by':
      return {
        ...relation,
        input: prune(relation.input, withReads(needed, relation.keys)),
        fields: kept(relation.fields),
      };
    case 'window': {
      const input = prune(
        relation.input,
        withReads(
          needed,
          relation.calls.flatMap((call) => call.args),
        ),
      );
      return {
        ...relation,
        input,
        fields: [...input.fields, ...relation.fields.slice(relation.input.fields.length)],
      };
    }
    case 'expand': {
      const input = prune(relation.input, withReads(needed, relation.arrays));
      return {
        ...relation,
        input,
        fields: [...input.fields, ...relation.fields.slice(relation.input.fields.length)],
      };
    }
  }
}

/** The inputs of a union line up by place, so a leg must show just the fields asked for. */
function withFields(relation: Relation, fields: readonly Field[]): Relation {
  const same =
    relation.fields.length === fields.length &&
    fields.every((field, i) => field.id === relation.fields[i]?.id);
  if (same) return relation;
  return {
    kind: 'project',
    input: relation,
    fields,
    expressions: fields.map((field) => ({
      kind: 'column',
      id: field.id,
      type: field.type,
      nullable: field.nullable,
    })),
  };
}

/** A subquery inside an expression is a plan of its own. */
function inner(expression: Expression): Expression {
  if (expression.kind === 'subquery')
    return {
      ...expression,
      input: prune(expression.input, new Set(expression.input.fields.map((field) => field.id))),
    };
  if (expression.kind === 'call') return { ...expression, args: expression.args.map(inner) };
  return expression;
}

function withReads(ids: Ids, expressions: readonly Expression[]): Ids {
  const all = new Set(ids);
  const read = (expression: Expression): void => {
    if (expression.kind === 'column') all.add(expression.id);
    if (expression.kind === 'call') expression.args.forEach(read);
  };
  expressions.forEach(read);
  return all;
}
