import { invalid, unsupported } from '../diagnostics.ts';
import { literalFrom } from '../parse/literal-text.ts';
import type { Node } from '../parse/node.ts';
import { type Expression, literal } from '../plan/expression.ts';
import { bounded } from './budget.ts';
import type { LowerContext } from './context.ts';
import { restricted } from './restrict.ts';
import { EMPTY_SCOPE, type Scope, withName } from './scope.ts';

/** The names that `let` statements bind, in order. Statements that yield rows are left to the caller. */
export function lowerStatements(statements: readonly Node[], scope: Scope, context: LowerContext): Scope {
  let inner = scope;
  for (const statement of statements) inner = lowerStatement(statement, inner, context);
  return inner;
}

function lowerStatement(statement: Node, scope: Scope, context: LowerContext): Scope {
  switch (statement.form) {
    case 'LetStatement':
      return lowerLet(statement, scope, context);
    case 'QueryParametersStatement':
      return lowerParameters(statement, scope, context);
    case 'PatternStatement':
      return lowerPattern(statement, scope);
    case 'RestrictStatement':
      return restricted(statement, scope);
    case 'ExpressionStatement':
    // Read as a whole before the first statement: see set-options.ts.
    case 'SetOptionStatement':
    // An alias names another database, and those are refused where they are read.
    case 'AliasStatement':
      return scope;
    default:
      throw unsupported(`a ${statement.form}`, statement);
  }
}

function lowerPattern(statement: Node, scope: Scope): Scope {
  const declaration = statement.child('Pattern');
  if (!declaration || declaration.missing)
    throw unsupported('a pattern without a list of its values', statement);
  return withName(scope, statement.need('Name').simpleName, { kind: 'pattern', scope, declaration });
}

/** Source: https://learn.microsoft.com/kusto/query/let-statement */
function lowerLet(statement: Node, scope: Scope, context: LowerContext): Scope {
  const name = statement.need('Name').simpleName;
  const value = statement.need('Expression');
  if (value.form === 'FunctionDeclaration') {
    const parameters = value.need('Parameters').items('Parameters');
    return withName(scope, name, {
      kind: 'function',
      scope,
      body: value.need('Body'),
      isView: value.child('ViewKeyword')?.text === 'view',
      parameters: parameters.map((parameter) => parameter.need('NameAndType').need('Name').simpleName),
    });
  }
  if (value.form === 'EntityGroup') return withName(scope, name, { kind: 'entities', group: value });
  if (value.bound?.kind === 'table' || value.bound?.kind === 'graph') {
    return withName(scope, name, { kind: 'relation', lower: () => context.relation(value, scope) });
  }
  const expression = bounded(context.expression(value, scope), value);
  return withName(scope, name, { kind: 'scalar', expression });
}

/**
 * `declare query_parameters(n: long = 3)`: the request's value, else the default.
 * Source: https://learn.microsoft.com/kusto/query/query-parameters-statement
 */
function lowerParameters(statement: Node, scope: Scope, context: LowerContext): Scope {
  let inner = scope;
  for (const parameter of statement.items('Parameters')) {
    const name = parameter.need('NameAndType').need('Name').simpleName;
    const outside: Scope = { row: [], names: inner.names };
    const expression = given(parameter, name, context) ?? fallback(parameter, name, outside, context);
    inner = withName(inner, name, { kind: 'scalar', expression });
  }
  return inner;
}

function given(parameter: Node, name: string, context: LowerContext): Expression | undefined {
  const value = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined;
  if (value === undefined) return undefined;
  const declared = parameter.need('NameAndType').need('Name').bound;
  if (declared?.kind !== 'scalar') throw invalid(`the query parameter \`${name}\` is no scalar`, parameter);
  const { type } = declared;
  const spelled = literalFrom(value, type);
  const expression = spelled && context.expression(spelled, EMPTY_SCOPE);
  // What stands in `long( )` and spells no number would be null.
  const isNull = expression?.kind === 'literal' && (expression.value === null || expression.value === '');
  if (expression && (!isNull || type === 'string' || /^\s*(\w+\s*\(\s*)?null[\s)]*$/i.test(value)))
    return expression;
  if (type === 'string') return literal('string', value);
  throw invalid(`the value given for the query parameter \`${name}\` is no \`${type}\``, parameter);
}

function fallback(parameter: Node, name: string, scope: Scope, context: LowerContext): Expression {
  const value = parameter.child('DefaultValue');
  if (!value || value.missing)
    throw invalid(`the query parameter \`${name}\` has no value and no default`, parameter);
  return context.expression(value.need('Value'), scope);
}
