import type { Catalog, CatalogTable } from '../../catalog/catalog.ts';
import { DATABASE } from '../../model/hunting-database.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { readParameters } from '../parameter-list.ts';

/** The .NET type of a column as schema answers name it. */
export const SYSTEM_TYPES: Readonly<Record<KqlType, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
};

/** `Name:type,Name:type`, names quoted where the language wants it. */
export function cslSchema(table: CatalogTable): string {
  return table.columns.map(({ name, type }) => `${quotedName(name)}:${type}`).join(',');
}

function quotedName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replace(/['\\]/g, '\\$&')}']`;
}

/** Columns as `.show table T schema as json` writes them. */
export function orderedColumns(table: CatalogTable): readonly object[] {
  return table.columns.map(({ name, type, description }) => ({
    Name: name,
    Type: SYSTEM_TYPES[type],
    CslType: type,
    DocString: description,
  }));
}

/** `{"Databases": {...}}`, what editors and Grafana build their completion of. */
export function databasesSchema(catalog: Catalog, functions: readonly SavedFunction[]): object {
  const tables = [...catalog.tables.values()].map((table) => [
    table.name,
    {
      Name: table.name,
      Folder: table.area,
      DocString: table.description,
      OrderedColumns: orderedColumns(table),
    },
  ]);
  return {
    Databases: {
      [DATABASE]: {
        Name: DATABASE,
        Tables: Object.fromEntries(tables),
        ExternalTables: {},
        MaterializedViews: {},
        EntityGroups: {},
        MajorVersion: 1,
        MinorVersion: 0,
        Functions: Object.fromEntries(functions.map((saved) => [saved.name, functionSchema(saved)])),
        DatabaseAccessMode: 'ReadOnly',
        ExternalTablesInfo: {},
      },
    },
  };
}

interface SavedFunction {
  readonly name: string;
  readonly parameters: string;
  readonly body: string;
  readonly folder: string;
  readonly docstring: string;
}

function functionSchema({ name, parameters, body, folder, docstring }: SavedFunction): object {
  return {
    Name: name,
    InputParameters: readParameters(parameters).map(({ name: parameter, type, fallback }) => ({
      Name: parameter,
      CslType: type,
      ...(fallback === undefined ? {} : { CslDefaultValue: fallback }),
    })),
    Body: `{${body}}`,
    Folder: folder,
    DocString: docstring,
    FunctionKind: 'Unknown',
    OutputColumns: [],
  };
}
