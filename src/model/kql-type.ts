/**
 * The scalar types of the Kusto query language.
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/
 */
export type KqlType =
  | 'bool'
  | 'int'
  | 'long'
  | 'real'
  | 'decimal'
  | 'string'
  | 'datetime'
  | 'timespan'
  | 'guid'
  | 'dynamic';

/** Every scalar type, in the order the reference lists them. */
export const KQL_TYPES: readonly KqlType[] = [
  'bool',
  'datetime',
  'decimal',
  'dynamic',
  'guid',
  'int',
  'long',
  'real',
  'string',
  'timespan',
];
