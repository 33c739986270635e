import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const ask = (key: string) =>
  fetch(`${server.url}/metrics`, { headers: { authorization: `SpoorKey ${key}` } });

test('answers are counted by route, never by what was asked for', async () => {
  for (let i = 0; i < 3; i++) await fetch(`${server.url}/health/live`);
  await fetch(`${server.url}/api/advancedhunting/run`, { method: 'POST' });
  await fetch(`${server.url}/no/such"path\n`);
  await fetch(`${server.url}/secret-tenant-name/oauth2/token`, { method: 'POST', body: 'x' });
  const answer = await ask(server.cliKey);
  expect(answer.headers.get('content-type')).toContain('version=0.0.4');
  const text = await answer.text();
  expect(text).toContain('spoor_http_answers_total{method="GET",route="/health/live",status="200"} 3');
  expect(text).toMatch(
    /spoor_http_answers_total\{method="POST",route="\/api\/advancedhunting\/run",status="401"\} 1/,
  );
  expect(text).toContain('spoor_http_answer_seconds_bucket{method="GET",route="/health/live",le="+Inf"} 3');
  expect(text).toMatch(/process_resident_memory_bytes \d+/);
  expect(text).not.toContain('secret-tenant-name');
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\n]*",?)+\})? -?[\d.e+-]+)$/);
  }
});

test('nobody reads them without the key', async () => {
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  expect((await ask('wrong')).status).toBe(401);
});
