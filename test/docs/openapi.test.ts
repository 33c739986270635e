import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { ROOT } from '../built.ts';
import { startServer, type TestServer } from '../http/server.ts';

const PAGE = `${ROOT}docs/openapi.json`;

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            summary?: string;
            responses: object;
            operationId: string;
            parameters: { name: string; in: string }[];
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: object };
}

let server: TestServer;
let text: string;
let document: Document;

beforeAll(async () => {
  server = await startServer();
  text = await (await fetch(`${server.url}/spoor/openapi.json`)).text();
  document = JSON.parse(text);
});
afterAll(() => server?.close());

test('docs/openapi.json describes the routes that there are', () => {
  if (process.env['SPOOR_REFRESH'] === '1') writeFileSync(PAGE, text);
  expect(readFileSync(PAGE, 'utf8')).toBe(text);
});

test('every route that the framework has is described, but for second spellings', () => {
  const described = new Set(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`.toLowerCase()),
    ),
  );
  const served = routesOf(server);
  expect(served.length).toBeGreaterThan(100);
  const plain = (call: string) =>
    call
      .replace(' /api/v1.0', ' /api')
      .replace('microsoft.graph.security.', '')
      .replace('/healthz', '/health/ready');
  expect(served.filter((call) => !described.has(call) && !described.has(plain(call)))).toEqual([]);
});

test('every operation that is described has a route', () => {
  const described = Object.values(document.paths).flatMap((path) => Object.values(path));
  const summaries = new Set(described.map(({ summary }) => summary));
  for (const [name, { summary }] of Object.entries(OPERATIONS))
    expect([name, summaries.has(summary)]).toEqual([name, true]);
});

test('every route that is served says what it does, or is a page', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { summary, responses }] of Object.entries(methods)) {
      const isPage = JSON.stringify(responses).includes('text/html') || path.startsWith('/{tenant}/');
      if (!isPage && path !== '/api/alert') expect(summary, `${method} ${path}`).toBeTruthy();
    }
  }
});

test('references lead somewhere, parameters are of their paths, and ids are unique', () => {
  const names = Object.keys(document.components.schemas);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(names).toContain(name);
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const { operationId, parameters } of Object.values(methods)) {
      expect(ids.has(operationId), operationId).toBe(false);
      ids.add(operationId);
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
    }
  }
});

/** `get /a/{b}`: what the framework itself says it serves, in lower case. */
function routesOf({ app }: TestServer): readonly string[] {
  const parents: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] =
        /^([\s│]*)(?:├──|└──) (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
      parents.length = indent.length / 4;
      parents.push(part);
      // The list names a rest of a path without what stands before it.
      if (methods === '' || part === '*') return [];
      const path = parents.join('').replace(/:(\w+)/g, '{$1}');
      return methods.split(', ').map((method) => `${method} ${path}`.toLowerCase());
    });
}
