import { invalid, unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { LowerContext } from './context.ts';
import { type Scope, withName } from './scope.ts';

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
    case 'ExpressionStatement':
    case 'SetOptionStatement':
      return scope;
    default:
      throw unsupported(`a ${statement.form}`, statement);
  }
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
  if (value.bound?.kind === 'table') {
    return withName(scope, name, { kind: 'relation', lower: () => context.relation(value, scope) });
  }
  return withName(scope, name, { kind: 'scalar', expression: context.expression(value, scope) });
}

/**
 * `declare query_parameters(n: long = 3)`: nothing hands in values, so each parameter is its default.
 * Source: https://learn.microsoft.com/kusto/query/query-parameters-statement
 */
function lowerParameters(statement: Node, scope: Scope, context: LowerContext): Scope {
  let inner = scope;
  for (const parameter of statement.items('Parameters')) {
    const name = parameter.need('NameAndType').need('Name').simpleName;
    const fallback = parameter.child('DefaultValue');
    if (!fallback || fallback.missing)
      throw invalid(`the query parameter \`${name}\` has no value and no default`, parameter);
    const expression = context.expression(fallback.need('Value'), { row: [], names: inner.names });
    inner = withName(inner, name, { kind: 'scalar', expression });
  }
  return inner;
}
