import { gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RUN, useApi } from './api.ts';
import { huntAnswer } from './server.ts';

const api = useApi();

describe('compression', () => {
  const long = `{"Results":"${'x'.repeat(100_000)}"}`;
  const ask = async (encoding: string | undefined) => {
    api.hunt = async () => huntAnswer(long);
    const headers = encoding === undefined ? '' : `Accept-Encoding: ${encoding}\r\n`;
    const answer = await api.raw(
      `POST ${RUN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\n${headers}Content-Length: 19\r\nConnection: close\r\n\r\n{"Query":"print 1"}`,
    );
    const end = answer.indexOf('\r\n\r\n');
    return { head: answer.slice(0, end), body: Buffer.from(answer.slice(end + 4), 'latin1') };
  };

  test('is used only when asked for, and never as br', async () => {
    for (const encoding of [undefined, 'identity', 'br']) {
      const { head, body } = await ask(encoding);
      expect(head).not.toMatch(/content-encoding/i);
      expect(head).toContain(`content-length: ${long.length}`);
      expect(body.toString()).toBe(long);
    }
  });

  test('is gzip or deflate, and the length is then not promised', async () => {
    for (const [encoding, expected, inflate] of [
      ['gzip', 'gzip', gunzipSync],
      ['br, gzip, deflate', 'gzip', gunzipSync],
      ['deflate', 'deflate', inflateSync],
    ] as const) {
      const { head, body } = await ask(encoding);
      expect(head).toContain(`content-encoding: ${expected}`);
      expect(head).not.toMatch(/content-length/i);
      expect(inflate(unchunked(body)).toString()).toBe(long);
    }
  });
});

function unchunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.subarray(at, line).toString('latin1'), 16);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
