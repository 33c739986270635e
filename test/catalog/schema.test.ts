import { describe, expect, it } from 'vitest';
import { findTable, storageOf, storedColumn, viewsOf } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';

const catalog = loadCatalog();
const tables = [...catalog.tables.values()];

describe('the schema files', () => {
  it('hold every hunting table and column', () => {
    expect(tables).toHaveLength(70);
    expect(tables.reduce((sum, table) => sum + table.columns.length, 0)).toBe(1709);
  });

  it.each(tables.map((table) => [table.name, table] as const))('%s is complete and tidy', (_name, table) => {
    const names = table.columns.map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
    // One table is of our own making.
    expect(table.source).toMatch(
      /^(https:\/\/(learn\.microsoft\.com|github\.com\/MicrosoftDocs)\/|docs\/audit\.md$)/,
    );
    expect(table.area).not.toBe('');
    for (const described of [table, ...table.columns]) {
      const where = `${table.name}.${described.name}`;
      expect(described.name, where).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect(described.description.length, where).toBeGreaterThan(3);
      expect(described.description.length, where).toBeLessThan(200);
      // One line that starts with a capital and ends without a full stop (an ellipsis may end an example).
      expect(described.description, where).toMatch(/^[A-Z][^\n]*(?:[^.\s]|\.\.\.)$/);
    }
  });

  it('give the time column of each table, which never holds NULL', () => {
    for (const table of tables) {
      const timestamp = table.columns.some((column) => column.name === 'Timestamp');
      if (timestamp) expect(table.timeColumn).toBe('Timestamp');
      const column = table.columns.find((candidate) => candidate.name === table.timeColumn);
      if (table.timeColumn !== undefined) expect(column).toMatchObject({ type: 'datetime', nullable: false });
    }
    expect(catalog.tables.get('CallActivityEvents')?.timeColumn).toBe('ActivityTimestamp');
  });

  it('load in less than 100 ms', () => {
    const start = performance.now();
    loadCatalog();
    expect(performance.now() - start).toBeLessThan(100);
  });
});

describe('old names', () => {
  it('resolve to the table that took their place', () => {
    expect(findTable(catalog, 'ProcessCreationEvents')?.name).toBe('DeviceProcessEvents');
    expect(findTable(catalog, 'GraphApiAuditEvents')?.name).toBe('GraphAPIAuditEvents');
    expect(findTable(catalog, 'AccountInfo')?.name).toBe('IdentityInfo');
    expect(findTable(catalog, 'AlertEvents')?.name).toBe('DeviceAlertEvents');
    expect(findTable(catalog, 'deviceprocessevents')).toBeUndefined();
  });

  it('keep their own columns where they are documented tables, and share the rows', () => {
    const old = findTable(catalog, 'AADSignInEventsBeta');
    if (old === undefined) throw new Error('missing');
    expect(old.columns).toHaveLength(44);
    const storage = storageOf(catalog, old);
    expect(storage.name).toBe('EntraIdSignInEvents');
    expect(viewsOf(catalog, storage)).toEqual([old]);
    expect(storedColumn(old, 'AadDeviceId')).toBe('EntraIdDeviceId');
    expect(storedColumn(storage, 'AadDeviceId')).toBe('EntraIdDeviceId');
  });

  it('of columns resolve in the tables that had them', () => {
    const processes = findTable(catalog, 'DeviceProcessEvents');
    const emails = findTable(catalog, 'EmailEvents');
    expect(processes?.columnAliases.get('EventTime')).toBe('Timestamp');
    expect(processes?.columnAliases.get('MachineId')).toBe('DeviceId');
    expect(emails?.columnAliases.get('MalwareFilterVerdict')).toBe('ThreatTypes');
    expect(emails?.columnAliases.has('MachineId')).toBe(false);
  });

  it('give TimeGenerated the time of the row on every table with a Timestamp', () => {
    for (const table of tables.filter((candidate) => candidate.timeColumn !== undefined)) {
      expect(storedColumn(table, 'TimeGenerated'), table.name).toBe(table.timeColumn);
    }
  });

  it('that split into several tables carry a hint', () => {
    const hint = catalog.renameHints.find((candidate) => candidate.table === 'DeviceAlertEvents');
    expect(hint?.replacedBy).toEqual(['AlertInfo', 'AlertEvidence']);
    for (const entry of catalog.renameHints) {
      if (entry.column !== undefined) continue;
      for (const name of entry.replacedBy) expect(catalog.tables.has(name)).toBe(true);
    }
    for (const value of catalog.renamedValues) {
      for (const name of value.tables) {
        const columns = catalog.tables.get(name)?.columns.map((column) => column.name);
        expect(columns, name).toContain(value.column);
      }
    }
  });
});
