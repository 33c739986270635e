import { DATABASE } from '../../model/hunting-database.ts';
import type { Principal } from '../../model/query-session.ts';
import { invalid } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import { callOf, type Expression, literal } from '../plan/expression.ts';
import { ARRIVAL, type LowerContext, refer } from './context.ts';
import { findField, type Scope } from './scope.ts';

type SessionFunction = (node: Node, args: readonly Node[], scope: Scope, context: LowerContext) => Expression;

/** As `.show cluster` numbers the one node that there is. */
const NODE_ID = '0';
const NO_EXTENT = '00000000-0000-0000-0000-000000000000';

/** What functions tell of who asks, of where the query runs and of where rows lie. */
export const SESSION_FUNCTIONS: Readonly<Record<string, SessionFunction>> = {
  current_cluster_endpoint: (_node, _args, _scope, { session }) => literal('string', session.host),
  current_database: () => literal('string', DATABASE),
  current_node_id: () => literal('string', NODE_ID),
  current_principal: (_node, _args, _scope, { session: { principal } }) =>
    literal('string', principal === undefined ? '' : fullName(principal)),
  current_principal_details: (_node, _args, _scope, { session: { principal } }) =>
    literal('dynamic', principal === undefined ? '' : JSON.stringify(detailsOf(principal))),
  current_principal_is_member_of: isMember,
  cursor_current: currentCursor,
  current_cursor: currentCursor,
  cursor_after: (node, args, scope, context) => cursorTest('>', node, args, scope, context),
  cursor_before_or_at: (node, args, scope, context) => cursorTest('<=', node, args, scope, context),
  // Rows lie in no extent of Kusto's: what the pages say of such rows.
  extent_id: () => literal('guid', NO_EXTENT),
  extentid: () => literal('guid', NO_EXTENT),
  extent_tags: () => literal('dynamic', ''),
  row_id: rowId,
};

/** Source: https://learn.microsoft.com/kusto/query/current-principal-function */
function fullName({ kind, id, tenant }: Principal): string {
  return `${kind === 'user' ? 'aaduser' : 'aadapp'}=${id};${tenant}`;
}

/** What the directory does not say is null. Source: .../kusto/query/current-principal-details-function */
function detailsOf(principal: Principal): object {
  const { kind, tenant, upn, name, objectId } = principal;
  return {
    UserPrincipalName: upn ?? null,
    IdentityProvider: null,
    Authority: tenant,
    Mfa: null,
    Type: kind === 'user' ? 'AadUser' : 'AadApplication',
    DisplayName: name === undefined ? null : upn === undefined ? name : `${name} (upn: ${upn})`,
    ObjectId: objectId ?? null,
    FQN: fullName(principal),
    Notes: null,
  };
}

/**
 * Is the caller one of these? Nobody is in a group, for the directory keeps none.
 * Source: https://learn.microsoft.com/kusto/query/current-principal-is-member-of-function
 */
function isMember(_node: Node, args: readonly Node[], scope: Scope, context: LowerContext): Expression {
  const wanted = args.flatMap((arg) => namesIn(context.expression(arg, scope), arg));
  const { principal } = context.session;
  return literal('bool', principal !== undefined && wanted.some((name) => isNamed(principal, name)));
}

function namesIn(value: Expression, node: Node): readonly string[] {
  const text = value.kind === 'literal' ? value.value : undefined;
  if (value.type === 'string' && typeof text === 'string') return [text];
  const list: unknown =
    value.type === 'dynamic' && typeof text === 'string' && text !== '' ? JSON.parse(text) : undefined;
  if (Array.isArray(list) && list.every((name) => typeof name === 'string')) return list;
  throw invalid('`current_principal_is_member_of` takes string literals only', node);
}

/** `aaduser=` with an object id or a sign-in name, `aadapp=` with a client id; behind it `;` and the tenant, or nothing. */
function isNamed({ kind, id, tenant, upn }: Principal, name: string): boolean {
  const parts = /^(aaduser|aadapp)=([^;]+)(?:;([^;]+))?$/.exec(name.trim().toLowerCase());
  if (parts === null) return false;
  const [, prefix, named = '', place] = parts;
  if (prefix !== (kind === 'user' ? 'aaduser' : 'aadapp')) return false;
  if (named !== id && (upn === undefined || named !== upn)) return false;
  return place === undefined || place === tenant || (upn?.endsWith(`@${place}`) ?? false);
}

/** Source: https://learn.microsoft.com/kusto/query/cursor-current */
function currentCursor(
  _node: Node,
  _args: readonly Node[],
  _scope: Scope,
  context: LowerContext,
): Expression {
  return literal('string', context.options.cursor ?? String(context.session.cursor));
}

/**
 * A cursor is an arrival number; behind the empty one come all rows.
 * Source: https://learn.microsoft.com/kusto/query/cursor-after-function and cursor-before-or-at-function
 */
function cursorTest(
  operator: '>' | '<=',
  node: Node,
  args: readonly Node[],
  scope: Scope,
  context: LowerContext,
): Expression {
  const arrival = findField(scope.row, ARRIVAL);
  if (!arrival) throw invalid('a cursor can only be compared with the rows of a stored table', node);
  const [given] = args;
  if (!given) throw new Error('the binder let a cursor function without a cursor pass');
  const cursor = context.expression(given, scope);
  const value = cursor.kind === 'literal' ? String(cursor.value ?? '').trim() : undefined;
  if (value === '') return literal('bool', operator === '>');
  if (value === undefined || !/^\d{1,18}$/.test(value))
    throw invalid(
      'this is no cursor: it is the text that `cursor_current()` has given, or the empty one',
      given,
    );
  return callOf(operator, 'bool', refer(arrival), literal('long', BigInt(value)));
}

/** Names a stored row among all of the tenant's; empty for rows that are made. */
function rowId(_node: Node, _args: readonly Node[], scope: Scope): Expression {
  const arrival = findField(scope.row, ARRIVAL);
  return arrival ? callOf('tostring', 'string', refer(arrival)) : literal('string', '');
}
