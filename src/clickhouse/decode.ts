/**
 * Cuts rows of JSONCompactEachRow (https://clickhouse.com/docs/interfaces/formats/JSONCompactEachRow) into raw JSON
 * tokens. Nothing is parsed: a number keeps all its digits, a string its quotes and escapes.
 */
export interface RowDecoder {
  /** Rows that are complete with these bytes. */
  push(chunk: Uint8Array): string[][];
  /** After the last byte: the lines that were no rows, which end a result (figures, or an exception). */
  finish(): string;
}

export function createRowDecoder(): RowDecoder {
  // Bytes that are not UTF-8 come from stored strings; they become U+FFFD, as JSON demands text.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  let trailer = '';

  function lines(text: string): string[][] {
    const rows: string[][] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      if (trailer === '' && text.charCodeAt(from) === OPEN_BRACKET) {
        const row = cutRow(text, from, end);
        if (row === undefined) trailer = `${text.slice(from, end)}\n`;
        else rows.push(row);
      } else if (end > from || trailer !== '') {
        trailer += `${text.slice(from, end)}\n`;
      }
      from = end + 1;
    }
    rest = text.slice(from);
    return rows;
  }

  return {
    push: (chunk) => lines(rest + decoder.decode(chunk, { stream: true })),
    finish: () => trailer + rest + decoder.decode(),
  };
}

const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const SPACE = 32;

/** The tokens between the brackets at `from` and before `end`, or undefined where the row was cut short. */
function cutRow(text: string, from: number, end: number): string[] | undefined {
  const row: string[] = [];
  let at = from + 1;
  if (text.charCodeAt(at) === CLOSE_BRACKET) return row;
  while (at < end) {
    while (text.charCodeAt(at) === SPACE) at += 1;
    const stop = endOfToken(text, at, end);
    if (stop === -1) return undefined;
    row.push(text.slice(at, stop));
    const separator = text.charCodeAt(stop);
    if (separator === CLOSE_BRACKET) return row;
    if (separator !== COMMA) return undefined;
    at = stop + 1;
  }
  return undefined;
}

/** Index just after the token at `from`, -1 where it does not end before `end`. */
function endOfToken(text: string, from: number, end: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return endOfString(text, from, end);
  if (first === OPEN_BRACKET || first === OPEN_BRACE) return endOfNested(text, from, end);
  for (let at = from; at < end; at++) {
    const char = text.charCodeAt(at);
    if (char === COMMA || char === CLOSE_BRACKET) return at;
  }
  return -1;
}

function endOfString(text: string, from: number, end: number): number {
  for (
    let quote = text.indexOf('"', from + 1);
    quote !== -1 && quote < end;
    quote = text.indexOf('"', quote + 1)
  ) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return -1;
}

function endOfNested(text: string, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const stop = endOfString(text, at, end);
      if (stop === -1) return -1;
      at = stop - 1;
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) depth += 1;
    else if ((char === CLOSE_BRACKET || char === CLOSE_BRACE) && --depth === 0) return at + 1;
  }
  return -1;
}
