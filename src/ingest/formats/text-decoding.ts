import { TextDecoder } from 'node:util';

/**
 * Makes UTF-8 of a stream: drops a byte-order mark and re-encodes UTF-16, which Windows PowerShell writes when output
 * is redirected to a file. Other bytes pass through; whether they are UTF-8 is judged value by value.
 */
export async function* decodeText(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let piece = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < 3) continue;
      [piece, decoder] = begin(head);
      head = undefined;
    }
    yield decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
  }
  if (head !== undefined && head.length > 0) {
    const [piece, short] = begin(head);
    yield short === undefined ? piece : Buffer.from(short.decode(piece, { stream: true }));
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode());
}

function begin(head: Buffer): [Buffer, TextDecoder | undefined] {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return [head.subarray(3), undefined];
  if (head[0] === 0xff && head[1] === 0xfe) return [head.subarray(2), new TextDecoder('utf-16le')];
  if (head[0] === 0xfe && head[1] === 0xff) return [head.subarray(2), new TextDecoder('utf-16be')];
  return [head, undefined];
}
