import { describe, expect, test } from 'vitest';
import { useKusto } from './kusto-calls.ts';

const kusto = useKusto();

describe('hostile requests', () => {
  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"csl":1}',
    '{"csl":"  "}',
    '{"db":{},"csl":"print 1"}',
    '{"db":"other","csl":"print 1"}',
    '{"db":"`; DROP","csl":"print 1"}',
    '{"csl":"print 1","properties":"{"}',
    '{"csl":"print 1","properties":[1]}',
    '{"csl":"print 1","properties":{"Options":"x"}}',
    '{"csl":"print 1","properties":{"Parameters":{"a b":"1"}}}',
    '{"csl":"print 1","properties":{"Parameters":{"a":{"b":1}}}}',
    '{"csl":"declare query_parameters(n:long); print n","properties":{"Parameters":{"n":"1) | x"}}}',
    `{"csl":"print 1","properties":${'['.repeat(20_000)}`,
    `{"csl":${JSON.stringify(`print ${'('.repeat(200)}1`)}}`,
  ])('%.80s', async (body) => {
    for (const path of ['/v1/rest/query', '/v2/rest/query']) {
      const { status, text } = await kusto.spoor.call(path, body);
      expect(status).toBe(400);
      const { error } = JSON.parse(text);
      expect(Object.keys(error)).toEqual(
        expect.arrayContaining(['code', 'message', '@type', '@message', '@context']),
      );
      expect(text).not.toMatch(/SELECT|node_modules|\/src\//);
    }
  });

  test('10 MB are refused by name', async () => {
    const { status, text } = await kusto.spoor.call('/v2/rest/query', ' '.repeat(10_000_000));
    expect([status, JSON.parse(text).error.code]).toEqual([413, 'RequestEntityTooLarge']);
  });

  test('a client that leaves in the middle frees its slot', async () => {
    for (let i = 0; i < 6; i++) {
      const controller = new AbortController();
      const answer = await fetch(`${kusto.spoor.server.url}/v2/rest/query`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await kusto.spoor.token()}` },
        body: JSON.stringify({
          csl: 'range i from 1 to 50000000 step 1 | extend s = strrep("x", 50)',
          properties: { Options: { notruncation: true } },
        }),
        signal: controller.signal,
      });
      const reader = answer.body?.getReader();
      await reader?.read();
      controller.abort();
      await reader?.read().catch(() => undefined);
    }
    expect(await kusto.rows('print 1')).toEqual([[[1]]]);
  });
});
