import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadConfig } from '../config/load.ts';
import { KEY_FILE, SERVER_FILE } from '../model/data-folder.ts';
import { CliError, usageError } from './failure.ts';
import { secured, type Trust, trustOf } from './trust.ts';

/** The options that every command takes. */
export interface CommonOptions {
  /** The server's data folder. */
  readonly data?: string;
  readonly url?: string;
  /** Id or domain. */
  readonly tenant?: string;
}

/** A running server, and the right to ask it that comes with reading its data folder. */
export interface Connection {
  readonly url: string;
  /** An id or a domain, which the server looks up. Undefined: the server's own default tenant. */
  readonly tenant: string | undefined;
  /** The answer of a call, whatever its status; its body must be read. */
  send(call: Call): Promise<Answer>;
  /** The JSON of a call that succeeded; throws `CliError` with the server's code otherwise. */
  json(call: Call): Promise<unknown>;
  /** As `json`, for a call whose answer is empty. */
  done(call: Call): Promise<void>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable;
}

interface ServerFile {
  readonly url: string;
  /** SHA-256 of the certificate, base64url. */
  readonly certificate?: string;
}

/** Finds the server that runs on the data folder, or at `--url` or `SPOOR_URL`. Throws `CliError`. */
export function connect(options: CommonOptions): Connection {
  const { dataDir, tenant: setTenant } = loadConfig({
    flags: options.data === undefined ? {} : { dataDir: options.data },
    env: process.env,
  });
  const tenant = namedTenant(options.tenant) ?? setTenant;
  const asked = options.url ?? process.env['SPOOR_URL'];
  const url = checkedUrl(asked === undefined || asked === '' ? readServerFile(dataDir).url : asked);
  const key = readKey(dataDir);
  const trust = trustOf(dataDir, url);
  const connection: Connection = {
    url,
    tenant,
    send: (call) => send(url, { authorization: `SpoorKey ${key}`, ...tenantHeader(tenant) }, call, trust),
    async json(call) {
      const answer = await connection.send(call);
      const text = await readText(answer.body);
      if (answer.status >= 200 && answer.status < 300) return parseJson(text, answer.status);
      throw failureOf(answer.status, text);
    },
    async done(call) {
      const answer = await connection.send(call);
      const text = await readText(answer.body);
      if (answer.status < 200 || answer.status >= 300) throw failureOf(answer.status, text);
    },
  };
  return connection;
}

function checkedUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw usageError(`${text} is no http or https URL`);
  return text.replace(/\/+$/, '');
}

/** Which tenant that is, only the server knows; here it need only be good for a header. */
function namedTenant(text: string | undefined): string | undefined {
  const name = text?.trim() ?? '';
  if (!/^[\x21-\x7e]*$/.test(name)) throw usageError('--tenant takes the id or a domain of a tenant');
  return name === '' ? undefined : name;
}

function tenantHeader(tenant: string | undefined): Record<string, string> {
  return tenant === undefined ? {} : { 'x-spoor-tenant': tenant };
}

function readServerFile(folder: string): ServerFile {
  const path = join(folder, SERVER_FILE);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ServerFile;
  } catch {
    throw new CliError(
      'NoServer',
      `no server runs on ${folder}: start one with \`spoor serve --data ${folder}\`, or name one with --url`,
    );
  }
}

function readKey(folder: string): string {
  try {
    return readFileSync(join(folder, KEY_FILE), 'utf8').trim();
  } catch {
    throw new CliError('NoKey', `the key of the server's data folder cannot be read from ${folder}`);
  }
}

async function send(
  url: string,
  credentials: Record<string, string>,
  call: Call,
  trust: Trust,
): Promise<Answer> {
  const target = new URL(`${url}${call.path}`);
  const make = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const length =
    typeof call.body === 'string' ? { 'content-length': String(Buffer.byteLength(call.body)) } : {};
  const request = make(target, {
    ...(target.protocol === 'https:' ? await secured(target, trust) : {}),
    method: call.method,
    headers: { ...credentials, ...length, ...call.headers },
  });
  const answered = new Promise<Answer>((resolve, reject) => {
    request.once('error', (error) => {
      reject(new CliError('NoServer', `no answer from ${url}: ${error.message}`));
    });
    request.once('response', (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
  });
  if (call.body === undefined || typeof call.body === 'string') request.end(call.body);
  else {
    // A server that refuses in the middle of the body closes it: its answer tells why, not the broken pipe.
    pipeline(call.body, request).catch((error: Error) => request.destroy(error));
  }
  return answered;
}

export async function readText(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('BadAnswer', `the server's answer with status ${status} is not JSON`);
  }
}

/** The error object of an API answer: `{"error":{"code","message"}}`. */
export function failureOf(status: number, text: string): CliError {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    if (error?.code !== undefined) return new CliError(error.code, error.message ?? `status ${status}`);
  } catch {
    // Not ours: a proxy's page, for instance. The status is all there is to tell.
  }
  return new CliError('BadAnswer', `the server answered with status ${status}`);
}
