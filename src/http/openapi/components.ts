import { KQL_TYPES } from '../../model/kql-type.ts';
import { QUOTA_PROFILE_NAMES } from '../../model/tenant-limits.ts';

/** A JSON schema, of the 2020-12 draft that OpenAPI 3.1 uses. */
export type Schema = Readonly<Record<string, unknown>>;

export const TEXT: Schema = { type: 'string' };
export const NUMBER: Schema = { type: 'number' };
export const COUNT: Schema = { type: 'integer', minimum: 0 };
export const FLAG: Schema = { type: 'boolean' };
export const ANY_OBJECT: Schema = { type: 'object' };

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export function object(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

export function ref(name: keyof typeof COMPONENTS): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const QUERY = described(TEXT, 'Kusto query language.');
const SCHEMA_TYPE = described(
  TEXT,
  'A .NET type name: `String`, `DateTime`, `Int64`, `SByte` for bool, `Object` ...',
);
const ROW = described(ANY_OBJECT, 'One member for each column, in the order of the columns.');
const KUSTO_ROWS = listOf(described({ type: 'array' }, 'One value for each column.'));
const PERMISSION_MAP: Schema = {
  type: 'object',
  additionalProperties: listOf(described(TEXT, 'A permission here, such as `AdvancedHunting.Read.All`.')),
};
const AMOUNT: Schema = { type: ['number', 'string'], description: 'A number, or `unlimited`.' };
const FUNCTION = {
  name: TEXT,
  parameters: described(TEXT, 'In the notation of the language: `(a:string, b:long=1)`.'),
  body: QUERY,
  folder: TEXT,
  docstring: TEXT,
};
const SAVED_FUNCTION = object({ ...FUNCTION, calls: listOf(TEXT), updatedAt: TEXT }, ['name', 'body']);
const WATCHLIST = object(
  { alias: TEXT, name: TEXT, searchKey: TEXT, columns: listOf(TEXT), rows: COUNT, updatedAt: TEXT },
  ['alias', 'columns', 'rows'],
);
const LIMITS = object({
  profile: { type: 'string', enum: QUOTA_PROFILE_NAMES },
  callsPerMinute: AMOUNT,
  runningSecondsPerHour: AMOUNT,
  runningSecondsPerDay: AMOUNT,
  cpuPercent: AMOUNT,
  requestSeconds: AMOUNT,
  maxRows: COUNT,
  maxResultBytes: AMOUNT,
});
const ISSUER = object(
  {
    issuer: described(TEXT, 'The `iss` of its tokens, to the letter.'),
    audiences: listOf(TEXT),
    jwksUri: described(TEXT, 'Without it: as the discovery document of the issuer says.'),
    rolesClaim: described(TEXT, 'Where the roles stand, dots between the steps; `roles` without it.'),
    roles: PERMISSION_MAP,
    userClaim: described(TEXT, 'The claim with the sign-in name of a user here.'),
  },
  ['issuer', 'audiences', 'roles'],
);
const KQL_TYPE: Schema = { type: 'string', enum: KQL_TYPES };

/** DATA: what the operations refer to. */
export const COMPONENTS = {
  ApiError: object({
    error: object(
      { code: TEXT, message: TEXT, target: described(TEXT, 'The id under which the log tells more.') },
      ['code', 'message'],
    ),
  }),
  GraphError: object({
    error: object({ code: TEXT, message: TEXT, innerError: ANY_OBJECT }, ['code', 'message', 'innerError']),
  }),
  KustoError: object({
    error: object(
      {
        code: TEXT,
        message: TEXT,
        '@type': TEXT,
        '@message': TEXT,
        '@context': ANY_OBJECT,
        '@permanent': described(FLAG, 'True where a repeat fails too.'),
        innererror: ANY_OBJECT,
      },
      ['code', 'message', '@type', '@message', '@permanent'],
    ),
  }),
  OAuthError: object(
    {
      error: TEXT,
      error_description: described(TEXT, '`AADSTS<number>: sentence Trace ID: ...`'),
      error_codes: listOf(COUNT),
      timestamp: TEXT,
      trace_id: TEXT,
      correlation_id: TEXT,
      error_uri: TEXT,
    },
    ['error', 'error_description', 'error_codes'],
  ),
  Query: object({ Query: QUERY }, ['Query']),
  GraphQuery: object(
    {
      Query: QUERY,
      Timespan: described(
        TEXT,
        'ISO 8601: `start/end`, `duration/end`, `start/duration`, `duration` or `start` up to now.',
      ),
    },
    ['Query'],
  ),
  KustoRequest: object(
    {
      db: described(TEXT, '`hunting`, or empty.'),
      csl: described(TEXT, 'A query, or a management command with a dot before it.'),
      properties: described(
        { type: ['object', 'string', 'null'] },
        '`Options`, `Parameters` and `ClientRequestId`; an object, or JSON text of one.',
      ),
    },
    ['csl'],
  ),
  HuntingResults: object(
    {
      Stats: described(ANY_OBJECT, 'Kusto`s query statistics; see docs/stats.md.'),
      Schema: listOf(object({ Name: TEXT, Type: SCHEMA_TYPE }, ['Name', 'Type'])),
      Results: listOf(ROW),
    },
    ['Stats', 'Schema', 'Results'],
  ),
  HuntingColumns: object({ Schema: listOf(object({ Name: TEXT, Type: SCHEMA_TYPE }, ['Name', 'Type'])) }, [
    'Schema',
  ]),
  GraphResults: object(
    {
      '@odata.context': TEXT,
      schema: listOf(object({ name: TEXT, type: SCHEMA_TYPE }, ['name', 'type'])),
      results: listOf(ROW),
    },
    ['@odata.context', 'schema', 'results'],
  ),
  GraphHuntingSchema: object({ tables: listOf(ANY_OBJECT), functions: ANY_OBJECT }, ['tables', 'functions']),
  KustoTables: object(
    {
      Tables: listOf(
        object({
          TableName: TEXT,
          Columns: listOf(object({ ColumnName: TEXT, DataType: TEXT, ColumnType: KQL_TYPE })),
          Rows: KUSTO_ROWS,
        }),
      ),
      Exceptions: listOf(TEXT),
    },
    ['Tables'],
  ),
  KustoFrames: listOf(object({ FrameType: TEXT }, ['FrameType'])),
  KustoMetadata: object({
    AzureAD: object({
      LoginEndpoint: TEXT,
      LoginMfaRequired: FLAG,
      KustoClientAppId: TEXT,
      KustoClientRedirectUri: TEXT,
      KustoServiceResourceId: TEXT,
      FirstPartyAuthorityUrl: TEXT,
    }),
  }),
  QuotaStanding: object({
    tenant: TEXT,
    profile: TEXT,
    limits: {
      type: 'object',
      additionalProperties: object({
        allowed: described({ type: ['number', 'null'] }, '`null` is unlimited.'),
        used: NUMBER,
        unit: { type: 'string', enum: ['calls', 'seconds'] },
        windowSeconds: NUMBER,
        availableInSeconds: described(COUNT, '0 where a call would be let in now.'),
      }),
    },
    requestTimeSeconds: { type: ['number', 'null'] },
    maxRows: COUNT,
    maxResultBytes: { type: ['integer', 'null'] },
  }),
  FunctionText: object(
    {
      parameters: FUNCTION.parameters,
      body: FUNCTION.body,
      folder: FUNCTION.folder,
      docstring: FUNCTION.docstring,
    },
    ['body'],
  ),
  SavedFunction: SAVED_FUNCTION,
  SavedFunctions: object({ functions: listOf(SAVED_FUNCTION) }, ['functions']),
  Csv: TEXT,
  Watchlist: WATCHLIST,
  Watchlists: object({ watchlists: listOf(WATCHLIST) }, ['watchlists']),
  TenantLimits: LIMITS,
  TenantStanding: object({ tenant: TEXT, own: LIMITS, standing: ANY_OBJECT }, ['tenant', 'own', 'standing']),
  TrustedIssuer: ISSUER,
  TrustedIssuers: object({ value: listOf(ISSUER) }, ['value']),
  IngestCounts: object({
    files: COUNT,
    events: COUNT,
    stored: COUNT,
    skipped: COUNT,
    duplicates: COUNT,
    rejected: COUNT,
    tables: ANY_OBJECT,
    reasons: ANY_OBJECT,
  }),
  TokenForm: object(
    {
      grant_type: TEXT,
      client_id: TEXT,
      client_secret: TEXT,
      client_assertion: TEXT,
      resource: described(TEXT, 'Version 1: what the token is for.'),
      scope: described(TEXT, 'Version 2: the resource and `/.default`.'),
    },
    ['grant_type'],
  ),
  Token: object(
    {
      token_type: TEXT,
      expires_in: { type: ['integer', 'string'] },
      ext_expires_in: { type: ['integer', 'string'] },
      access_token: TEXT,
    },
    ['token_type', 'access_token'],
  ),
} as const satisfies Readonly<Record<string, Schema>>;
