import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Rows of JSONCompactEachRow (https://clickhouse.com/docs/interfaces/formats/JSONCompactEachRow) as the engine wrote
 * them, and where their raw JSON tokens lie. Nothing is parsed: a number keeps all its digits, a string its quotes and
 * escapes.
 */
export interface RowBatch {
  /** Rows. */
  readonly length: number;
  /** Tokens of each row. */
  readonly width: number;
  /** UTF-8. */
  readonly bytes: Buffer;
  /** Row by row, token by token: where it begins, and where it ends. */
  readonly bounds: Int32Array;
}

/** The rows of `lines`, which ends with a line feed, and whatever stands behind them from the first line that is none. */
export function cutRows(lines: Buffer): { readonly batch: RowBatch; readonly rest: Buffer } {
  // Bytes that are not UTF-8 come from stored strings; they become U+FFFD, as JSON demands text.
  const bytes = isUtf8(lines) ? lines : Buffer.from(lines.toString('utf8'));
  let bounds = new Int32Array(1024);
  let filled = 0;
  let width = -1;
  let length = 0;
  let at = 0;
  while (at < bytes.length && bytes[at] === OPEN_BRACKET) {
    const from = filled;
    let next = at + 1;
    let isWhole = bytes[next] === CLOSE_BRACKET;
    if (isWhole) next += 1;
    while (!isWhole) {
      while (bytes[next] === SPACE) next += 1;
      const end = endOfToken(bytes, next);
      if (end === -1) break;
      if (filled + 2 > bounds.length) bounds = grown(bounds);
      bounds[filled++] = next;
      bounds[filled++] = end;
      isWhole = bytes[end] === CLOSE_BRACKET;
      if (!isWhole && bytes[end] !== COMMA) break;
      next = end + 1;
    }
    if (!isWhole) {
      filled = from;
      break;
    }
    if (width === -1) width = (filled - from) / 2;
    else if (filled - from !== 2 * width) throw new Error('rows of different lengths in one result');
    length += 1;
    at = next + 1;
  }
  const batch = { length, width: Math.max(width, 0), bytes, bounds: bounds.subarray(0, filled) };
  return { batch, rest: bytes.subarray(at) };
}

/** Each row as its tokens. */
export function tokensOf({ length, width, bytes, bounds }: RowBatch): string[][] {
  // Places in the bytes are places in the text where every byte is a character.
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  const rows: string[][] = [];
  for (let row = 0, place = 0; row < length; row++) {
    const tokens: string[] = [];
    for (let column = 0; column < width; column++, place += 2) {
      const from = bounds[place] ?? 0;
      const to = bounds[place + 1] ?? 0;
      tokens.push(text === undefined ? bytes.toString('utf8', from, to) : text.slice(from, to));
    }
    rows.push(tokens);
  }
  return rows;
}

const LINE_FEED = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Just after the token at `from`, -1 where it does not end on its line. */
function endOfToken(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return endOfString(bytes, from);
  if (first === OPEN_BRACKET || first === OPEN_BRACE) return endOfNested(bytes, from);
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === CLOSE_BRACKET) return at;
    if (byte === LINE_FEED) return -1;
  }
  return -1;
}

function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
    else if (byte === LINE_FEED) return -1;
  }
  return -1;
}

function endOfNested(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (end === -1) return -1;
      at = end - 1;
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) depth += 1;
    else if (byte === LINE_FEED) return -1;
    else if ((byte === CLOSE_BRACKET || byte === CLOSE_BRACE) && --depth === 0) return at + 1;
  }
  return -1;
}

function grown(bounds: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * bounds.length);
  larger.set(bounds);
  return larger;
}
