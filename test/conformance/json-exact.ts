/** A whole number too long for a double, kept as its digits. */
export interface ExactInteger {
  readonly digits: string;
}

export function isExactInteger(value: unknown): value is ExactInteger {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === MARK;
}

const MARK = {};
const TAG = 'exact-integer:';

/** `JSON.parse` without the loss of digits. Throws like it. */
export function parseExactJson(json: string): unknown {
  const tagged = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${TAG}${token}"` : token,
  );
  return JSON.parse(tagged, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(TAG)
      ? Object.assign(Object.create(MARK) as object, { digits: value.slice(TAG.length) })
      : value,
  ) as unknown;
}

/** The raw tokens of one JSON array of scalars. */
export function splitRow(line: string): readonly string[] {
  const inside = line.trim();
  if (!inside.startsWith('[') || !inside.endsWith(']')) throw new Error('a row is a JSON array');
  return inside.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,\s]+/g) ?? [];
}
