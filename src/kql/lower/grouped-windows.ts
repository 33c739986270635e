import { unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import { callOf, type Expression, literal } from '../plan/expression.ts';
import type { Field, Relation, Window } from '../plan/relation.ts';
import { type LowerContext, refer } from './context.ts';

type Call = Window['calls'][number];

/** Which argument of a function of neighbouring rows makes it begin anew, and what stands before it by default. */
const RESTARTS: Readonly<Record<string, { readonly place: number; readonly before: readonly Expression[] }>> =
  {
    row_number: { place: 1, before: [literal('long', 1n)] },
    row_cumsum: { place: 1, before: [] },
    row_rank_dense: { place: 1, before: [] },
    row_rank_min: { place: 1, before: [] },
    row_window_session: { place: 3, before: [] },
  };

/**
 * Functions of neighbouring rows over rows that stand group by group: they begin anew where a key changes, and a
 * neighbour of another group is none.
 */
export function windowPerGroup(
  plan: Window,
  input: Relation,
  keys: readonly Field[],
  node: Node,
  context: LowerContext,
): Relation {
  const { rows, changed } = withChange(input, keys, context);
  const own = plan.fields.slice(plan.input.fields.length);
  const fields: Field[] = [];
  const calls: Call[] = [];
  const add = (field: Field, call: Call): Field => {
    fields.push(field);
    calls.push(call);
    return field;
  };
  const results = plan.calls.map((call, i): Expression => {
    const field = own[i] as Field;
    if (call.name === 'prev' || call.name === 'next') {
      const [, offset = literal('long', 1n), fallback] = call.args;
      const value = add(context.field(field.name, field.type), call);
      const others = keys.map((key) => {
        const other = add(context.field(key.name, key.type), {
          name: call.name,
          args: [refer(key), offset],
          type: key.type,
        });
        return callOf('!=', 'bool', refer(key), refer(other));
      });
      const none =
        fallback ?? literal(field.type, field.type === 'string' || field.type === 'dynamic' ? '' : null);
      return callOf('iff', field.type, anyOf(others), none, refer(value));
    }
    const restart = RESTARTS[call.name];
    if (!restart) throw unsupported(`\`${call.name}\` in a pipeline per group`, node);
    const given = call.args[restart.place];
    const args = [
      ...call.args.slice(0, restart.place),
      ...restart.before.slice(call.args.length),
      given ? callOf('or', 'bool', given, refer(changed)) : refer(changed),
    ];
    if (args.length !== restart.place + 1) throw new Error(`\`${call.name}\` lacks arguments`);
    return refer(add(context.field(field.name, field.type), { ...call, args }));
  });
  const window: Relation = { kind: 'window', input: rows, fields: [...rows.fields, ...fields], calls };
  return {
    kind: 'project',
    input: window,
    fields: [...input.fields, ...own],
    expressions: [...input.fields.map(refer), ...results],
  };
}

/** The rows with a column that is true on the first row of each group. */
function withChange(
  input: Relation,
  keys: readonly Field[],
  context: LowerContext,
): { rows: Relation; changed: Field } {
  const before = keys.map((key) => context.field(key.name, key.type));
  const window: Relation = {
    kind: 'window',
    input,
    fields: [...input.fields, ...before],
    calls: keys.map((key) => ({ name: 'prev', args: [refer(key)], type: key.type })),
  };
  const changed = context.field('changed', 'bool', false);
  const differs = keys.map((key, i) => callOf('!=', 'bool', refer(key), refer(before[i] as Field)));
  const rows: Relation = {
    kind: 'project',
    input: window,
    fields: [...input.fields, changed],
    expressions: [...input.fields.map(refer), anyOf(differs)],
  };
  return { rows, changed };
}

function anyOf(terms: readonly Expression[]): Expression {
  return terms.reduce((left, right) => callOf('or', 'bool', left, right));
}
