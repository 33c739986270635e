import { isAscii, isUtf8 } from 'node:buffer';

/** Why a stretch of input is not a JSON value. Stable: they are counted and shown under these names. */
export type SplitFault = 'malformed JSON' | 'truncated JSON' | 'invalid UTF-8' | 'value too large';

export interface SplitHandler {
  /** A value that parsed; `text` is its own JSON text, `line` is where it starts, counted from 1. */
  value(value: unknown, text: string, line: number): void;
  /** `bytes` is the beginning of what was put aside, for a person to look at. */
  fault(fault: SplitFault, bytes: Buffer, line: number): void;
}

/**
 * Cuts a stream of bytes into JSON values: one per line, any other sequence of values (pretty-printed too), the
 * elements of top-level arrays, and the elements of `{"records":[...]}`. Memory is bounded by one value, never by an
 * array. A wrong line or element is reported and the rest goes on.
 *
 * A line (or a line's array element) that parses as it stands takes a fast path; the rest goes byte by byte.
 */
export class ValueSplitter {
  readonly #handler: SplitHandler;
  readonly #maxValueBytes: number;
  #line = 1;
  /** What is around the next value. `tail`: behind the array of a wrapper, up to the brace that closes it. */
  #around: 'top' | 'array' | 'wrapper' | 'tail' = 'top';
  /** The value being read, where it is not finished. */
  #open: OpenValue | undefined;
  /** How many bytes may still be read a second time after a fault; grows with the input, so time stays linear. */
  #rereadBudget = 1 << 20;

  constructor(handler: SplitHandler, maxValueBytes: number) {
    this.#handler = handler;
    this.#maxValueBytes = maxValueBytes;
  }

  push(chunk: Buffer): void {
    this.#rereadBudget += chunk.length;
    this.#consume([chunk]);
  }

  /** The input has ended: a value that is still open was cut off. */
  end(): void {
    while (this.#open !== undefined) {
      const rest = this.#abandon(this.#open, 'truncated JSON');
      if (rest !== undefined) this.#consume([rest]);
    }
  }

  #consume(queue: Buffer[]): void {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      let at = 0;
      while (at < chunk.length) {
        if (this.#open === undefined) at = this.#between(chunk, at);
        if (this.#open === undefined) continue;
        const step = scan(this.#open, chunk, at);
        this.#line += step.newlines;
        at = step.end;
        if (step.kind === 'more') this.#hold(this.#open, chunk.subarray(step.start, step.end));
        else if (step.kind === 'value') this.#finish(this.#open, chunk.subarray(step.start, step.end));
        else if (
          step.kind === 'records' &&
          this.#isWrapper(this.#open, chunk.subarray(step.start, step.end))
        ) {
          this.#around = 'wrapper';
          this.#open = undefined;
        } else if (step.kind === 'records') {
          this.#hold(this.#open, chunk.subarray(step.start, step.end));
          this.#open.maybeWrapper = false;
        } else {
          this.#hold(this.#open, chunk.subarray(step.start, step.end));
          const rest = this.#abandon(this.#open, 'malformed JSON');
          if (rest !== undefined) {
            queue.unshift(rest, chunk.subarray(at));
            break;
          }
        }
      }
    }
  }

  /** Goes to the start of the next value, which it opens, unless the fast path takes the whole of it. */
  #between(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === NEWLINE) this.#line++;
      else if (byte === SPACE || byte === RETURN || byte === TAB) continue;
      else if (this.#around === 'tail') {
        // Members of a wrapper beside its records carry nothing that is kept.
        if (byte === CLOSE_OBJECT) this.#around = 'top';
      } else if (this.#around !== 'top' && byte === COMMA) continue;
      else if (this.#around !== 'top' && byte === CLOSE_ARRAY) {
        this.#around = this.#around === 'array' ? 'top' : 'tail';
      } else if (this.#around === 'top' && byte === OPEN_ARRAY) this.#around = 'array';
      else break;
    }
    if (at >= chunk.length) return at;
    if (chunk[at] === OPEN_OBJECT) {
      const end = this.#wholeLine(chunk, at);
      if (end !== undefined) return end;
    }
    this.#open = openValue(this.#line, chunk[at] as number, this.#around);
    return at;
  }

  /** Takes the rest of the line as one value if it is one; returns where the line ends. */
  #wholeLine(chunk: Buffer, at: number): number | undefined {
    const newline = chunk.indexOf(NEWLINE, at);
    if (newline === -1 || newline - at > this.#maxValueBytes) return undefined;
    let end = newline;
    while (end > at && isSpace(chunk[end - 1] as number)) end--;
    if (this.#around !== 'top' && chunk[end - 1] === COMMA) end--;
    if (chunk[end - 1] !== CLOSE_OBJECT) return undefined;
    const bytes = chunk.subarray(at, end);
    const text = decode(bytes);
    if (text === undefined) {
      this.#handler.fault('invalid UTF-8', bytes, this.#line);
      return newline;
    }
    const value = parse(text);
    if (value === undefined) return undefined;
    this.#handler.value(value, text, this.#line);
    return newline;
  }

  #hold(open: OpenValue, piece: Buffer): void {
    open.bytes += piece.length;
    // A copy: the chunk's memory may be used again by whoever reads the input.
    if (open.bytes <= this.#maxValueBytes || open.held.length === 0) {
      open.held.push(
        Buffer.from(open.bytes <= this.#maxValueBytes ? piece : piece.subarray(0, SAMPLE_BYTES)),
      );
    } else open.held = open.held.slice(0, 1);
  }

  #isWrapper(open: OpenValue, piece: Buffer): boolean {
    return WRAPPER.test(Buffer.concat([...open.held, piece]).toString('latin1'));
  }

  #finish(open: OpenValue, piece: Buffer): void {
    this.#hold(open, piece);
    this.#open = undefined;
    const bytes = open.held.length === 1 ? (open.held[0] as Buffer) : Buffer.concat(open.held);
    if (open.bytes > this.#maxValueBytes) {
      this.#handler.fault('value too large', bytes, open.line);
      return;
    }
    const text = decode(bytes);
    const value = text === undefined ? undefined : parse(text);
    if (text === undefined) this.#handler.fault('invalid UTF-8', bytes, open.line);
    else if (value === undefined) this.#handler.fault('malformed JSON', bytes, open.line);
    else this.#handler.value(value, text, open.line);
  }

  /** Reports the first line of a value that cannot be finished; returns the lines behind it, to be read again. */
  #abandon(open: OpenValue, fault: SplitFault): Buffer | undefined {
    this.#open = undefined;
    const bytes = Buffer.concat(open.held);
    if (open.bytes > this.#maxValueBytes) {
      this.#handler.fault('value too large', bytes, open.line);
      return undefined;
    }
    const newline = bytes.indexOf(NEWLINE);
    const behind = newline === -1 ? 0 : bytes.length - newline - 1;
    if (behind === 0 || behind > REREAD_BYTES || behind > this.#rereadBudget) {
      this.#handler.fault(fault, bytes, open.line);
      return undefined;
    }
    this.#rereadBudget -= behind;
    this.#handler.fault(fault, bytes.subarray(0, newline), open.line);
    this.#line = open.line + 1;
    return bytes.subarray(newline + 1);
  }
}

const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const SAMPLE_BYTES = 1024;
/** A wrong value can swallow the good lines behind it; up to this many bytes of them are read again. */
const REREAD_BYTES = 65_536;
const WRAPPER = /^\{\s*"records"\s*:\s*\[$/;

interface OpenValue {
  readonly line: number;
  /** False: something that does not begin like an object or an array; it reaches to the end of its line. */
  readonly nested: boolean;
  readonly inArray: boolean;
  held: Buffer[];
  bytes: number;
  depth: number;
  inString: boolean;
  escaped: boolean;
  /** The last byte that was not white space. */
  before: number;
  maybeWrapper: boolean;
}

function openValue(line: number, first: number, around: string): OpenValue {
  return {
    line,
    nested: first === OPEN_OBJECT || first === OPEN_ARRAY,
    inArray: around !== 'top',
    held: [],
    bytes: 0,
    depth: 0,
    inString: false,
    escaped: false,
    before: 0,
    maybeWrapper: around === 'top' && first === OPEN_OBJECT,
  };
}

interface Step {
  /** `records`: the array of a `records` member may have been opened. */
  readonly kind: 'more' | 'value' | 'broken' | 'records';
  readonly start: number;
  readonly end: number;
  readonly newlines: number;
}

/** Reads on in a value; the only loop over single bytes. */
function scan(open: OpenValue, chunk: Buffer, start: number): Step {
  if (!open.nested) return scanScalar(open, chunk, start);
  let newlines = 0;
  for (let at = start; at < chunk.length; at++) {
    const byte = chunk[at] as number;
    if (open.inString) {
      if (open.escaped) open.escaped = false;
      else if (byte === BACKSLASH) open.escaped = true;
      else if (byte === QUOTE) open.inString = false;
      // A string cannot hold a raw line end: the value was cut off on the line before.
      else if (byte === NEWLINE) return { kind: 'broken', start, end: at + 1, newlines: newlines + 1 };
      continue;
    }
    if (byte === NEWLINE) newlines++;
    if (isSpace(byte)) continue;
    const before = open.before;
    open.before = byte;
    if (byte === QUOTE) open.inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      // After a finished value, another one cannot start without a comma.
      if (before === CLOSE_OBJECT || before === CLOSE_ARRAY || before === QUOTE) {
        return { kind: 'broken', start, end: at, newlines };
      }
      open.depth++;
      if (byte === OPEN_ARRAY && open.depth === 2 && open.maybeWrapper) {
        return { kind: 'records', start, end: at + 1, newlines };
      }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      open.depth--;
      if (open.depth === 0) return { kind: 'value', start, end: at + 1, newlines };
    }
  }
  return { kind: 'more', start, end: chunk.length, newlines };
}

function scanScalar(open: OpenValue, chunk: Buffer, start: number): Step {
  for (let at = start; at < chunk.length; at++) {
    const byte = chunk[at] as number;
    if (byte === NEWLINE || (open.inArray && (byte === COMMA || byte === CLOSE_ARRAY))) {
      return { kind: 'value', start, end: at, newlines: 0 };
    }
  }
  return { kind: 'more', start, end: chunk.length, newlines: 0 };
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

/** Undefined where the bytes are not UTF-8: a replacement character would change what was logged. */
function decode(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
