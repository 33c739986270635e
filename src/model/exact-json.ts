/**
 * JSON in which every whole number keeps all its digits: one that a double cannot hold becomes a bigint.
 * `JSON.parse` alone would turn 9223372036854775807 into 9223372036854775808.
 */
export function parseExact(text: string): unknown {
  if (!LONG_RUN.test(text)) return JSON.parse(text) as unknown;
  // A mark that the text does not hold, so that no string of the input can pass for a number.
  let mark = '\u0001#';
  while (text.includes(JSON.stringify(mark).slice(1, -1))) mark += '#';
  const marked = text.replace(TOKEN, (token) =>
    WHOLE.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(mark + token) : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as unknown;
}

/** A number that is printed as a real, so that 2 reads back as 2.0. */
export class RealNumber {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** The compact JSON text of what `parseExact` gave; undefined where the value is undefined. */
export function printExact(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof RealNumber) return realText(value.value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(printExact).join(',')}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${printExact(member)}`,
  );
  return `{${members.join(',')}}`;
}

function realText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const LONG_RUN = /\d{16}/;
/** A string, or a number outside strings. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const WHOLE = /^-?\d{16,}$/;
