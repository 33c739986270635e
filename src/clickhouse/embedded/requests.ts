import type { IncomingMessage, ServerResponse } from 'node:http';
import { EngineFailure } from './native.ts';

/** A request of ClickHouse's HTTP interface (https://clickhouse.com/docs/interfaces/http), as far as it is needed. */
export interface EngineRequest {
  readonly path: string;
  /** The statement from the `query` parameter, or else the body. */
  readonly statement: string;
  /** The body beside a `query` parameter: data of an INSERT. */
  readonly data: Buffer | undefined;
  readonly database: string;
  readonly queryId: string;
  readonly format: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Parameters of the interface that mean nothing here, because answers are sent whole or streamed anyway. */
const IGNORED = new Set([
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'send_progress_in_http_headers',
]);

/** Rejects with `EngineFailure` where the request names a setting that the engine does not have. */
export async function readRequest(
  request: IncomingMessage,
  settingNames: ReadonlySet<string>,
  maxBodyBytes: number,
): Promise<EngineRequest> {
  const url = new URL(request.url ?? '/', 'http://engine');
  const settings: Record<string, string> = {};
  const named = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (['query', 'query_id', 'database', 'default_format'].includes(name)) named.set(name, value);
    else if (!IGNORED.has(name)) settings[name] = value;
  }
  checkSettings(Object.keys(settings), settingNames);
  const body = await readBody(request, maxBodyBytes);
  const statement = named.get('query');
  return {
    path: url.pathname,
    statement: statement ?? body.toString('utf8'),
    data: statement === undefined ? undefined : body,
    database: named.get('database') ?? String(request.headers['x-clickhouse-database'] ?? 'default'),
    queryId: named.get('query_id') ?? '',
    format: named.get('default_format') ?? 'TabSeparated',
    settings,
  };
}

/** Throws `EngineFailure` at a setting that the engine does not have. */
export function checkSettings(names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new EngineFailure(`Code: 115. DB::Exception: Unknown setting '${unknown}'. (UNKNOWN_SETTING)`);
}

export function sendFailure(response: ServerResponse, failure: EngineFailure, status = 500): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(failure.code),
  });
  response.end(failure.message);
}

async function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > maxBodyBytes) {
      throw new EngineFailure(
        'Code: 27. DB::Exception: The body is larger than the engine takes. (CANNOT_PARSE_INPUT)',
      );
    }
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, length);
}
