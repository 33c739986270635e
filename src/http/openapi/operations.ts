import { HUNT, HUNT_ANYWHERE, HUNT_ENDPOINT, HUNT_GRAPH, INGEST } from '../../identity/roles.ts';
import { type COMPONENTS, FLAG, object, type Schema, TEXT } from './components.ts';

type ComponentName = keyof typeof COMPONENTS;

/** What is said of a route beside its method and path. */
export interface Operation {
  readonly summary: string;
  /** Application permissions, any of which opens it; undefined: no token is needed. */
  readonly roles?: readonly string[];
  /** Parameters of the query string, by name. */
  readonly query?: Readonly<Record<string, { readonly description: string; readonly required?: boolean }>>;
  readonly body?: ComponentName;
  readonly bodyType?: string;
  /** Of the answer 200. */
  readonly answer?: ComponentName | Schema;
}

const HUNTING = [HUNT.role];
const ENDPOINT = [HUNT_ENDPOINT.role];
const GRAPH = [HUNT_GRAPH.role];
const KUSTO = HUNT_ANYWHERE.map(({ role }) => role);

const KUSTO_QUERY = {
  db: { description: '`hunting`, or nothing' },
  csl: { description: 'the query', required: true },
  properties: { description: 'JSON text of the request properties' },
};
const TOKEN: Operation = {
  summary: 'Get a token',
  body: 'TokenForm',
  bodyType: 'application/x-www-form-urlencoded',
  answer: 'Token',
};

/** DATA: the operations, by method and path as the routes have them. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /api': {
    summary: 'See whether the service lives and the token is good',
    roles: [],
    answer: object({}),
  },
  'POST /api/advancedhunting/run': {
    summary: 'Run a hunting query (Defender XDR)',
    roles: HUNTING,
    body: 'Query',
    answer: 'HuntingResults',
  },
  'POST /api/advancedqueries/run': {
    summary: 'Run a hunting query (Defender for Endpoint)',
    roles: ENDPOINT,
    body: 'Query',
    answer: 'HuntingResults',
  },
  'GET /api/advancedqueries': {
    summary: 'Run the hunting query of the URL',
    roles: ENDPOINT,
    query: { key: { description: 'the query', required: true } },
    answer: 'HuntingResults',
  },
  'POST /api/advancedqueries/schema': {
    summary: 'Tell the columns of a query without running it',
    roles: ENDPOINT,
    body: 'Query',
    answer: 'HuntingColumns',
  },
  'POST /v1.0/security/runHuntingQuery': {
    summary: 'Run a hunting query (Microsoft Graph)',
    roles: GRAPH,
    body: 'GraphQuery',
    answer: 'GraphResults',
  },
  'POST /beta/security/runHuntingQuery': {
    summary: 'Run a hunting query (Microsoft Graph, beta)',
    roles: GRAPH,
    body: 'GraphQuery',
    answer: 'GraphResults',
  },
  'GET /beta/security/getRunHuntingQuery*': {
    summary: "Run the hunting query of the URL: `(query='...',timespan='...')` ends the path",
    roles: GRAPH,
    answer: 'GraphResults',
  },
  'GET /beta/security/getHuntingSchema': {
    summary: 'List the tables, their columns and the functions',
    roles: GRAPH,
    answer: 'GraphHuntingSchema',
  },
  'GET /v1/rest/auth/metadata': {
    summary: 'Tell a Kusto client where tokens come from',
    answer: 'KustoMetadata',
  },
  'POST /v1/rest/query': {
    summary: 'Run a query (Kusto, version 1)',
    roles: KUSTO,
    body: 'KustoRequest',
    answer: 'KustoTables',
  },
  'GET /v1/rest/query': {
    summary: 'Run the query of the URL (Kusto, version 1)',
    roles: KUSTO,
    query: KUSTO_QUERY,
    answer: 'KustoTables',
  },
  'POST /v2/rest/query': {
    summary: 'Run a query (Kusto, version 2)',
    roles: KUSTO,
    body: 'KustoRequest',
    answer: 'KustoFrames',
  },
  'GET /v2/rest/query': {
    summary: 'Run the query of the URL (Kusto, version 2)',
    roles: KUSTO,
    query: KUSTO_QUERY,
    answer: 'KustoFrames',
  },
  'POST /v1/rest/mgmt': {
    summary: 'Answer a management command (Kusto)',
    roles: KUSTO,
    body: 'KustoRequest',
    answer: 'KustoTables',
  },
  'GET /spoor/quota': {
    summary: 'Tell how much of its quotas the tenant has used',
    roles: KUSTO,
    answer: 'QuotaStanding',
  },
  'GET /health/live': { summary: 'Tell whether the process answers', answer: object({ live: FLAG }) },
  'GET /health/ready': {
    summary: 'Tell whether queries can run; 503 where not',
    answer: object({ ready: FLAG }),
  },
  'GET /spoor/openapi.json': { summary: 'This description', answer: object({ openapi: TEXT }) },
  'POST /api/ingest/:format': {
    summary: 'Send events in',
    roles: [INGEST.role],
    query: {
      table: { description: 'the table of all events; else each says its own' },
      name: { description: 'what the input is called in reports' },
      rebase: { description: '`now` moves the events to now' },
    },
    answer: 'IngestCounts',
  },
  'POST /:tenant/oauth2/token': TOKEN,
  'POST /:tenant/oauth2/v2.0/token': TOKEN,
};
