import {
  ALERTS,
  type EitherPermission,
  HUNT,
  HUNT_ANYWHERE,
  HUNT_ENDPOINT,
  HUNT_GRAPH,
  INCIDENTS,
  INGEST,
  RULES,
  WRITE_DETECTIONS,
} from '../../identity/roles.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import { type COMPONENTS, COUNT, FLAG, object, type Schema, TEXT } from './components.ts';

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

function rolesOf(allowed: EitherPermission): readonly string[] {
  return allowed.map(({ role }) => role);
}

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
  'GET /api/alerts': {
    summary: 'Pull raw detections (SIEM), or list alerts (Defender): as the token says',
    roles: rolesOf(ALERTS.read),
    query: {
      sinceTimeUtc: { description: 'later than this; two hours ago without it' },
      untilTimeUtc: { description: 'this and earlier' },
      ago: { description: 'a duration of ISO 8601, alone' },
      limit: { description: 'the most recent so many' },
      machinegroups: { description: 'a device group; can be repeated' },
      DeviceCreatedMachineTags: { description: 'a tag from the registry' },
      CloudCreatedMachineTags: { description: 'a tag made in the portal' },
      $filter: { description: 'OData, alerts only' },
      $top: { description: 'at most 10000, alerts only' },
      $skip: { description: 'alerts only' },
      $expand: { description: '`evidence`, alerts only' },
    },
  },
  'GET /api/alerts/:id': { summary: 'Show an alert', roles: rolesOf(ALERTS.read) },
  'PATCH /api/alerts/:id': { summary: 'Change an alert', roles: rolesOf(ALERTS.write) },
  'POST /api/alerts/batchUpdate': { summary: 'Change several alerts', roles: rolesOf(ALERTS.write) },
  'POST /api/alerts/CreateAlertByReference': {
    summary: 'Raise an alert for an event',
    roles: rolesOf(ALERTS.write),
  },
  'GET /api/incidents': {
    summary: 'List incidents with their alerts',
    roles: rolesOf(INCIDENTS.read),
    query: {
      $filter: { description: 'OData' },
      $top: { description: 'at most 100' },
      $skip: { description: 'how many to pass over' },
    },
  },
  'GET /api/incidents/:id': { summary: 'Show an incident', roles: rolesOf(INCIDENTS.read) },
  'PATCH /api/incidents/:id': { summary: 'Change an incident', roles: rolesOf(INCIDENTS.write) },
  'POST /api/detections': {
    summary: 'Send detections of other products in',
    roles: [WRITE_DETECTIONS.role],
    answer: object({ accepted: COUNT, duplicates: COUNT }),
  },
  'GET /beta/security/rules/detectionRules': {
    summary: 'List detection rules (Microsoft Graph, beta)',
    roles: rolesOf(RULES.read),
  },
  'GET /v1.0/security/rules/detectionRules': {
    summary: 'List detection rules (Microsoft Graph)',
    roles: rolesOf(RULES.read),
  },
  'POST /beta/security/rules/detectionRules': {
    summary: 'Make a detection rule (Microsoft Graph, beta)',
    roles: rolesOf(RULES.write),
  },
  'POST /v1.0/security/rules/detectionRules': {
    summary: 'Make a detection rule (Microsoft Graph)',
    roles: rolesOf(RULES.write),
  },
  'GET /spoor/rules': { summary: 'List detection rules', roles: rolesOf(RULES.read) },
  'PUT /spoor/rules/:name': { summary: 'Save a detection rule', roles: rolesOf(RULES.write) },
  'GET /spoor/rules/:name/runs': { summary: 'Show the runs of a rule', roles: rolesOf(RULES.read) },
  'POST /spoor/rule-sets/plan': {
    summary: 'Tell what it takes to make the rules match a set',
    roles: rolesOf(RULES.read),
  },
  'POST /spoor/rule-sets/apply': { summary: 'Make the rules match a set', roles: rolesOf(RULES.write) },
  'POST /spoor/rule-sets/backtest': {
    summary: 'Run a rule over past days as if it had been on',
    roles: rolesOf(RULES.read),
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
  'GET /metrics': { summary: 'Figures for Prometheus, for who has the command line`s key', answer: TEXT },
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
  ...ADMIN_OPERATIONS,
  'POST /:tenant/oauth2/token': TOKEN,
  'POST /:tenant/oauth2/v2.0/token': TOKEN,
};
