import { expect, test } from 'vitest';
import { refuseStatement } from './check.ts';

/** As `EXPLAIN AST` prints `SELECT a FROM <table>`. */
const tree = (table: string) => `SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 1)
    Identifier a
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      TableIdentifier ${table}
`;

test('a statement is not explained again for other literals, but for any other change', async () => {
  const explained: string[] = [];
  const refused = (statement: string, table: string, database = 'tenant_a') =>
    refuseStatement(statement, database, async (explain) => {
      explained.push(explain);
      return tree(table);
    });
  const select = (table: string, literal: string) => `SELECT a FROM ${table} WHERE s = ${literal}`;
  const asked = async (...args: Parameters<typeof refused>) => {
    const before = explained.length;
    const why = await refused(...args);
    return [why === undefined, explained.length - before];
  };
  expect(await asked(select('tenant_a.t', "'x'"), 'tenant_a.t')).toEqual([true, 1]);
  expect(await asked(select('tenant_a.t', "'y \\' OR 1'"), 'tenant_a.t')).toEqual([true, 0]);
  expect(await asked(select('tenant_a.t', '1'), 'tenant_a.t')).toEqual([true, 1]);
  expect(await asked(select('tenant_a.t', '20'), 'tenant_a.t')).toEqual([true, 0]);
  expect(await asked(select('tenant_a.t', '2e1'), 'tenant_a.t')).toEqual([true, 1]);
  // What was refused is looked at again, and what may run in one database may not in another.
  for (const _ of [1, 2]) expect(await asked(select('tenant_b.t', "'x'"), 'tenant_b.t')).toEqual([false, 1]);
  expect(await asked(select('tenant_a.t', "'x'"), 'tenant_a.t', 'tenant_b')).toEqual([false, 1]);
  // Tokens are read every time.
  expect(await asked(`${select('tenant_a.t', "'x'")} SETTINGS readonly = 0`, 'tenant_a.t')).toEqual([
    false,
    0,
  ]);
});
