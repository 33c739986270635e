import { describe, expect, test } from 'vitest';
import { errorOf, RUN, useApi } from './api.ts';

const api = useApi();

describe('other paths', () => {
  test('GET /api tells a token holder that the service lives, with one slash or two', async () => {
    for (const path of ['/api', '//api', '/api/']) {
      const answer = await api.raw(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    }
    expect((await fetch(`${api.server.url}/api`)).status).toBe(401);
  });

  test('health needs no token', async () => {
    expect(await (await fetch(`${api.server.url}/healthz`)).json()).toEqual({ ready: true });
  });

  test.each(['/api/nothing', '/%ff', '/api/%', '/constructor', `/${'x'.repeat(5000)}`])(
    '%s is an error in form',
    async (path) => {
      const { status } = await errorOf(await api.send(path, undefined));
      expect([400, 404, 414]).toContain(status);
    },
  );

  test('what is no HTTP is answered in form', async () => {
    for (const text of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    ]) {
      const answer = await api.raw(text);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toHaveProperty('error.code');
    }
  });

  test('the log holds no token, no secret and no query string', async () => {
    await api.send(`${RUN}?access_token=hidden-in-the-query`, '{"Query":"print 1"}');
    // The line is written when the answer is out.
    await expect.poll(() => api.server.log.join('')).toContain('"route":"/api/advancedhunting/run"');
    const log = api.server.log.join('');
    expect(log).not.toContain(api.token);
    expect(log).not.toContain(api.server.cliKey);
    expect(log).not.toContain('hidden-in-the-query');
  });
});
