import type { Json } from '../../contract.ts';

/**
 * Well-known text as GeoJSON; null for what is none. Depth of the lists by geometry.
 * https://learn.microsoft.com/kusto/query/geo-from-wkt-function
 */
const KINDS: Readonly<Record<string, readonly [type: string, depth: number]>> = {
  POINT: ['Point', 0],
  LINESTRING: ['LineString', 1],
  POLYGON: ['Polygon', 2],
  MULTIPOINT: ['MultiPoint', 1],
  MULTILINESTRING: ['MultiLineString', 2],
  MULTIPOLYGON: ['MultiPolygon', 3],
};

const MAX_NESTING = 64;

export function fromWkt(text: string): Json {
  const tokens = text.match(/[A-Za-z]+|[(),]|[^\s(),A-Za-z]+(?:[eE][-+]?\d+)?/g) ?? [];
  const reader = { tokens, at: 0 };
  try {
    const shape = geometry(reader, 0);
    return reader.at === tokens.length ? shape : null;
  } catch (fault) {
    if (fault instanceof NoGeometry) return null;
    throw fault;
  }
}

class NoGeometry extends Error {}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function geometry(reader: Reader, nesting: number): Json {
  if (nesting > MAX_NESTING) throw new NoGeometry();
  const name = (reader.tokens[reader.at++] ?? '').toUpperCase();
  if (name === 'GEOMETRYCOLLECTION')
    return { type: 'GeometryCollection', geometries: list(reader, () => geometry(reader, nesting + 1)) };
  const kind = KINDS[name];
  if (!kind) throw new NoGeometry();
  const [type, depth] = kind;
  if (depth === 0) {
    const points = list(reader, () => position(reader));
    if (points.length !== 1) throw new NoGeometry();
    return { type, coordinates: points[0] ?? [] };
  }
  return { type, coordinates: positions(reader, depth) };
}

/** Lists of positions; the points of a `MULTIPOINT` may stand in parentheses of their own. */
function positions(reader: Reader, depth: number): readonly Json[] {
  return list(reader, () => {
    if (depth > 1) return positions(reader, depth - 1);
    if (reader.tokens[reader.at] !== '(') return position(reader);
    return list(reader, () => position(reader))[0] ?? [];
  });
}

function list(reader: Reader, item: () => Json): readonly Json[] {
  expect(reader, '(');
  const items = [item()];
  while (reader.tokens[reader.at] === ',') {
    reader.at++;
    items.push(item());
  }
  expect(reader, ')');
  return items;
}

function position(reader: Reader): Json {
  const numbers: number[] = [];
  for (let token = reader.tokens[reader.at]; token !== undefined && !/^[(),]$/.test(token); ) {
    const number = Number(token);
    if (!Number.isFinite(number)) throw new NoGeometry();
    numbers.push(number);
    token = reader.tokens[++reader.at];
  }
  if (numbers.length < 2) throw new NoGeometry();
  return numbers.slice(0, 2);
}

function expect(reader: Reader, token: string): void {
  if (reader.tokens[reader.at++] !== token) throw new NoGeometry();
}
