import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { FRAME, readFrames, sendFrame } from './frames.ts';

/** The bytes that `write` puts on a socket. */
async function bytesOf(write: (socket: Socket) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    write(socket);
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  server.close();
  return Buffer.concat(chunks);
}

test('frames come out as they went in, wherever their bytes are cut', async () => {
  const sent: [1 | 2 | 3 | 4, string][] = [
    [FRAME.order, '{"statement":"SELECT é"}'],
    [FRAME.rows, 'x'.repeat(300)],
    [FRAME.rows, ''],
    [FRAME.end, ''],
    [FRAME.failure, 'Code: 1.'],
  ];
  const bytes = await bytesOf((socket) => {
    for (const [kind, payload] of sent) sendFrame(socket, kind, payload);
  });
  for (const step of [1, 2, 3, 5, 7, 64, 301, bytes.length]) {
    const read: [number, string][] = [];
    const push = readFrames(1000, (kind, payload) => read.push([kind, payload.toString('utf8')]));
    for (let at = 0; at < bytes.length; at += step) push(bytes.subarray(at, at + step));
    expect(read).toEqual(sent);
  }
});

test('a frame over the limit is refused by its head alone', () => {
  const push = readFrames(1000, () => expect.unreachable());
  expect(() => push(Buffer.from([0, 0, 3, 0xe9, 1]))).toThrow('1001');
  const other = readFrames(1000, () => expect.unreachable());
  other(Buffer.from([0xff, 0xff]));
  expect(() => other(Buffer.from([0xff, 0xff, 1]))).toThrow('4294967295');
});
