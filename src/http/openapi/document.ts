import { ANY_OBJECT, COMPONENTS, ref, type Schema, TEXT } from './components.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { SUMMARIES } from './summaries.ts';

/** A route as the framework has it. */
export interface KnownRoute {
  readonly method: string;
  /** `/a/:b`, or `/a/b*` where the rest of the path is read by the route itself. */
  readonly url: string;
}

/** Second spellings of a path: the first is described, the second goes unsaid. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/v1\.0(?=\/|$)/, '/api'],
  [/\/microsoft\.graph\.security\./, '/'],
  [/^\/healthz$/, '/health/ready'],
];

/**
 * DATA: the families by their paths, the first that fits: a name, the form of their errors and how a caller proves who
 * it is.
 */
const FAMILIES = [
  { test: /^\/(v1\.0|beta)\//, tag: 'Microsoft Graph', error: 'GraphError', security: 'bearer' },
  { test: /^\/v[12]\/rest\//, tag: 'Kusto', error: 'KustoError', security: 'bearer' },
  { test: /^\/api(\/|$)/, tag: 'Defender', error: 'ApiError', security: 'bearer' },
  {
    test: /^\/((alerts?|incidents)\/|device$|error$|favicon\.ico$|$)/,
    tag: 'Pages',
    error: undefined,
    security: undefined,
  },
  { test: /^\/metrics$/, tag: 'Server', error: 'ApiError', security: 'commandLineKey' },
  { test: /^\/spoor\/admin\//, tag: 'Administration', error: 'ApiError', security: 'commandLineKey' },
  { test: /^\/(spoor|health)/, tag: 'Server', error: 'ApiError', security: 'bearer' },
  { test: /^\//, tag: 'Sign-in', error: 'OAuthError', security: undefined },
] as const;

type Family = (typeof FAMILIES)[number];

/** An OpenAPI 3.1 document of these routes. Members in a fixed order, so that it can be compared as text. */
export function openApiDocument(routes: readonly KnownRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  const known = new Set(routes.map(({ url }) => url.toLowerCase()));
  const described = routes
    .filter(
      ({ method, url }) =>
        ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && !isSpelling(url, known),
    )
    .sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.method < b.method ? -1 : 1));
  for (const { method, url } of described) {
    const path = pathOf(url);
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = operation(method, url);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spoor',
      version,
      description:
        'Paths are taken in any letter case, with a trailing slash and with doubled slashes, and those of hunting, alerts ' +
        'and incidents below `/api` below `/api/v1.0` too. A body is read as what its route expects, whatever its content type says.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(FAMILIES.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        commandLineKey: { type: 'apiKey', in: 'header', name: 'Authorization' },
      },
    },
  };
}

function isSpelling(url: string, known: ReadonlySet<string>): boolean {
  return SPELLINGS.some(([pattern, plain]) => {
    const other = url.replace(pattern, plain);
    return other !== url && known.has(other.toLowerCase());
  });
}

function pathOf(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{arguments}');
}

function familyOf(url: string): Family {
  const family = FAMILIES.find(({ test }) => test.test(url));
  if (family === undefined) throw new Error(`the path ${url} is of no family`);
  return family;
}

function operation(method: string, url: string): object {
  const { tag, error, security } = familyOf(url);
  const said: Operation | undefined = OPERATIONS[`${method} ${url}`];
  const summary = said?.summary ?? SUMMARIES[`${method} ${url}`];
  const roles = said?.roles ?? [];
  const secured = security !== undefined && (said === undefined || said.roles !== undefined);
  const done = method === 'DELETE' ? NOTHING : (STATUSES[`${method} ${url}`] ?? '200');
  const hasBody = method !== 'GET' && method !== 'DELETE';
  return {
    operationId: `${method.toLowerCase()}${url.replace(/[^A-Za-z0-9]+(.?)/g, (_all, next: string) => next.toUpperCase())}`,
    tags: [tag],
    ...(summary === undefined ? {} : { summary }),
    ...(roles.length === 0
      ? {}
      : { description: `Needs ${roles.map((role) => `\`${role}\``).join(' or ')}.` }),
    ...(secured ? { security: [{ [security]: [] }] } : {}),
    parameters: parameters(url, said),
    ...(hasBody ? { requestBody: content(said?.bodyType ?? 'application/json', schemaOf(said?.body)) } : {}),
    responses: {
      [done]: {
        description: 'done',
        ...(done === NOTHING
          ? {}
          : error === undefined
            ? HTML
            : content('application/json', schemaOf(said?.answer))),
      },
      default: {
        description: 'refused, or failed',
        ...(error === undefined ? HTML : content('application/json', ref(error))),
      },
    },
  };
}

function parameters(url: string, said: Operation | undefined): readonly object[] {
  const inPath = [...pathOf(url).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(said?.query ?? {}).map(([name, { description, required }]) => ({
    name,
    in: 'query',
    description,
    required: required === true,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery];
}

function schemaOf(named: Operation['answer']): Schema {
  if (named === undefined) return ANY_OBJECT;
  return typeof named === 'string' ? ref(named) : named;
}

const NOTHING = '204';

/** DATA: what is answered where it is not 200. */
const STATUSES: Readonly<Record<string, string>> = {
  'POST /beta/security/rules/detectionRules': '201',
  'POST /spoor/admin/applications': '201',
  'POST /spoor/admin/applications/:id/certificates': '201',
  'POST /spoor/admin/applications/:id/consents': '201',
  'POST /spoor/admin/applications/:id/secrets': '201',
  'POST /spoor/admin/groups': '201',
  'POST /spoor/admin/users': '201',
  'POST /spoor/rules/:name/run': '202',
};

/** Pages are for people, their errors too. */
const HTML = { content: { 'text/html': { schema: TEXT } } };

function content(type: string, schema: Schema): object {
  return { content: { [type]: { schema } } };
}
