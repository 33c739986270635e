import type { FastifyRequest } from 'fastify';
import { type JsonObject, jsonObject, ownMember } from '../request-body.ts';
import { badRequest } from './bad-request.ts';
import { type KustoOptions, readOptions } from './options.ts';

/** A request of Kusto's REST interface. Source: https://learn.microsoft.com/kusto/api/rest/request */
export interface KustoRequest {
  readonly database: string;
  readonly text: string;
  readonly options: KustoOptions;
  /** Values of `declare query_parameters`: a string as it is, any other as the text of its literal. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly clientRequestId: string;
}

/** The request of a body (POST) or of a query string (GET). Throws `BadRequest` (400). */
export function kustoRequest(request: FastifyRequest): KustoRequest {
  const members = request.method === 'GET' ? queryMembers(request.query) : jsonObject(request);
  const text = ownMember(members, 'csl') ?? ownMember(members, 'Csl');
  if (typeof text !== 'string' || text.trim() === '') throw badRequest('`csl` is missing');
  const database = ownMember(members, 'db') ?? '';
  if (typeof database !== 'string') throw badRequest('`db` is not text');
  const properties = objectOf(ownMember(members, 'properties'), 'properties');
  return {
    database,
    text,
    options: readOptions(objectOf(eitherCase(properties, 'Options'), 'Options')),
    parameters: readParameters(objectOf(eitherCase(properties, 'Parameters'), 'Parameters')),
    clientRequestId: clientRequestId(request, eitherCase(properties, 'ClientRequestId')),
  };
}

/** One client writes its members in lower case. */
function eitherCase(object: JsonObject, name: string): unknown {
  return ownMember(object, name) ?? ownMember(object, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
}

function queryMembers(query: unknown): JsonObject {
  return typeof query === 'object' && query !== null ? (query as JsonObject) : {};
}

/** An object, or JSON text of one; nothing and `null` are an empty one. */
function objectOf(value: unknown, name: string): JsonObject {
  if (value === undefined || value === null || value === '') return {};
  let object = value;
  if (typeof value === 'string') {
    try {
      object = JSON.parse(value);
    } catch {
      throw badRequest(`\`${name}\` is no JSON`);
    }
  }
  if (object === null) return {};
  if (typeof object !== 'object' || Array.isArray(object)) throw badRequest(`\`${name}\` is not an object`);
  return object as JsonObject;
}

function readParameters(values: JsonObject): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(values)) {
    if (!/^[A-Za-z_]\w{0,1023}$/.test(name)) throw badRequest('a query parameter has no name');
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw badRequest(`the value of query parameter \`${name}\` is not text or a number`);
    }
    parameters[name] = String(value);
  }
  return { ...parameters };
}

/** What names the request in the client's own log: the property, the header, or the id that it has here. */
export function clientRequestId(request: FastifyRequest, property?: unknown): string {
  const header = request.headers['x-ms-client-request-id'];
  const sent = typeof header === 'string' && header !== '' ? header : property;
  return typeof sent === 'string' && /^[\x20-\x7e]{1,256}$/.test(sent) ? sent : request.id;
}
