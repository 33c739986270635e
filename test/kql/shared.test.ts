import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { compile } from '../../src/kql/index.ts';

const catalog = loadCatalog();
const options = {
  nowTicks: 17_926_000_000_000_000n,
  database: 'tenant_a',
  existing: new Set(['DeviceProcessEvents']),
  check: true,
};

function statement(kql: string): string {
  const compiled = compile(kql, catalog, options);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return compiled.statement.text;
}

const once = (kql: string): number => statement(kql).split(' AS MATERIALIZED ').length - 1;
const reads = (kql: string): number => statement(kql).split('`DeviceProcessEvents`').length - 1;

describe('what a query reads twice', () => {
  it('is computed once where it groups', () => {
    const kql =
      'let x = DeviceProcessEvents | summarize n = count() by FileName; x | join kind=inner (x | summarize m = max(n)) on $left.n == $right.m';
    expect(once(kql)).toBe(1);
    expect(reads(kql)).toBe(1);
  });

  it('is computed once for subqueries and below other definitions too', () => {
    const kql =
      'let a = DeviceProcessEvents | summarize c = count() by DeviceId; let b = a | summarize t = sum(c) by bin(c, 10); union (a | where c > toscalar(b | summarize max(t))), b, (b | where t > 1)';
    expect(once(kql)).toBe(2);
    expect(reads(kql)).toBe(1);
  });

  it('is read again where it only filters, where it is sorted, and where it is not the same', () => {
    expect(once('let x = DeviceProcessEvents | where ProcessId > 1; union x, x')).toBe(0);
    expect(
      once('let x = DeviceProcessEvents | summarize n = count() by FileName | top 3 by n; union x, x'),
    ).toBe(0);
    expect(once('let x = DeviceProcessEvents | summarize n = max(rand()) by FileName; union x, x')).toBe(0);
    expect(
      once(
        'union (DeviceProcessEvents | summarize n = count() by FileName), (DeviceProcessEvents | summarize n = count() by FolderPath)',
      ),
    ).toBe(0);
  });

  it('holds only the columns that are read', () => {
    const kql =
      'let x = DeviceProcessEvents | summarize a = count(), b = max(ProcessId), c = dcount(DeviceId) by FileName; union (x | summarize sum(a)), (x | summarize max(b))';
    expect(once(kql)).toBe(1);
    expect(statement(kql)).not.toContain('uniqCombined');
  });
});

describe('calls that look at neighbours', () => {
  it('take one look for one operator', () => {
    const kql = 'range x from 1 to 5 step 1 | extend y = x % 2 | serialize | extend a = prev(x), b = next(y)';
    expect(statement(kql).split('row_number() OVER').length - 1).toBe(1);
  });

  it('take another where one reads what the other found', () => {
    const kql = 'range x from 1 to 5 step 1 | serialize | extend a = row_cumsum(prev(x))';
    expect(statement(kql).split('row_number() OVER').length - 1).toBe(2);
  });
});
