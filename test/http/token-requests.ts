import { afterAll, beforeAll } from 'vitest';
import { makeApp, startServer, TENANT, type TestApp, type TestServer } from './server.ts';

export const XDR = 'https://api.security.microsoft.com';
export const V1 = `/${TENANT}/oauth2/token`;
export const V2 = `/${TENANT}/oauth2/v2.0/token`;
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

/** A server for the tests of one file, and an application that asks it for tokens. */
export interface TokenRequests {
  readonly server: TestServer;
  readonly client: TestApp;
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Sent>;
  /** The form of version 1 with the application's credentials; fields given go on top, as they are. */
  v1(fields?: Record<string, string>): string;
  v2(fields?: Record<string, string>): string;
}

export function useTokenRequests(): TokenRequests {
  let started: { readonly server: TestServer; readonly client: TestApp } | undefined;
  const running = () => {
    if (started === undefined) throw new Error('the server is not started yet');
    return started;
  };
  beforeAll(async () => {
    const server = await startServer();
    started = { server, client: await makeApp(server) };
  });
  afterAll(() => started?.server.close());
  const credentials = () => ({
    client_id: running().client.clientId,
    client_secret: running().client.clientSecret,
    grant_type: 'client_credentials',
  });
  return {
    get server() {
      return running().server;
    },
    get client() {
      return running().client;
    },
    post: (path, body, headers = {}) => post(running().server.url + path, body, headers),
    v1: (fields = {}) => form({ resource: XDR, ...credentials(), ...fields }),
    v2: (fields = {}) => form({ scope: `${XDR}/.default`, ...credentials(), ...fields }),
  };
}

async function post(url: string, body: string | Buffer, headers: Record<string, string>): Promise<Sent> {
  const response = await fetch(url, {
    method: 'POST',
    // Bytes: for a text fetch would add a content type of its own.
    body: new Uint8Array(Buffer.from(body)),
    headers,
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), text, headers: response.headers };
}

/** Values stand as they are: the tests send what is not encoded, too. */
export function form(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
