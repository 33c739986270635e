import type { Cell, Json } from '../../contract.ts';
import { signedArea } from './measure.ts';
import { crosses, dot, fromDegrees, same, toDegrees, type Vector } from './sphere.ts';

/** The vertices of a line, at least two. */
export type Line = readonly Vector[];
/** The vertices of a closed border without the repeated last one; the inside is to the left. */
export type Loop = readonly Vector[];

/** A GeoJSON line or multi-line; undefined where it is none. https://datatracker.ietf.org/doc/html/rfc7946 */
export function readLines(json: Json | undefined): readonly Line[] | undefined {
  const { type, coordinates } = parts(json);
  if (type === 'LineString') return whole([line(coordinates)]);
  if (type === 'MultiLineString' && Array.isArray(coordinates) && coordinates.length > 0)
    return whole(coordinates.map(line));
  return undefined;
}

/** The borders of a GeoJSON polygon or multi-polygon, holes included, one list per polygon. */
export function readPolygons(json: Json | undefined): readonly (readonly Loop[])[] | undefined {
  const { type, coordinates } = parts(json);
  if (type === 'Polygon') return whole([polygon(coordinates)]);
  if (type === 'MultiPolygon' && Array.isArray(coordinates) && coordinates.length > 0)
    return whole(coordinates.map(polygon));
  return undefined;
}

/** All of a list, by one reader; undefined where it is no list of them. */
export function readAll<T>(
  list: Cell | undefined,
  read: (json: Json) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const all = list.map((json: Json) => read(json));
  return all.every((item) => item !== undefined) ? (all as T[]) : undefined;
}

export function readPoint(longitude: Json | undefined, latitude: Json | undefined): Vector | undefined {
  if (typeof longitude !== 'number' || typeof latitude !== 'number') return undefined;
  if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) return undefined;
  return fromDegrees(longitude, latitude);
}

export function pointJson(point: Vector): Json {
  return { type: 'Point', coordinates: toDegrees(point) };
}

/** One line, several, or an empty collection. */
export function linesJson(lines: readonly Line[]): Json {
  const written = lines.map((vertices) => vertices.map(toDegrees));
  if (written.length === 0) return { type: 'GeometryCollection', geometries: [] };
  return written.length === 1
    ? { type: 'LineString', coordinates: written[0] ?? [] }
    : { type: 'MultiLineString', coordinates: written };
}

/** One polygon, several, or an empty collection; a hole stands with the polygon around it. */
export function polygonsJson(polygons: readonly (readonly Loop[])[]): Json {
  if (polygons.length === 0) return { type: 'GeometryCollection', geometries: [] };
  const written = polygons.map((loops) => loops.map(closed));
  return written.length === 1
    ? { type: 'Polygon', coordinates: written[0] ?? [] }
    : { type: 'MultiPolygon', coordinates: written };
}

function closed(loop: Loop): number[][] {
  const vertices = loop.map(toDegrees);
  const first = vertices[0];
  return first ? [...vertices, first] : vertices;
}

function parts(json: Json | undefined): { type: Json | undefined; coordinates: Json | undefined } {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    return { type: undefined, coordinates: undefined };
  const bag = json as { readonly [key: string]: Json };
  return { type: bag['type'], coordinates: bag['coordinates'] };
}

function whole<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  return items.every((item) => item !== undefined) ? (items as readonly T[]) : undefined;
}

/** A longitude beyond the date line goes on from the other side, as the service takes it. */
function position(json: Json): Vector | undefined {
  if (!Array.isArray(json) || json.length < 2) return undefined;
  const [longitude, latitude] = json.map((part: Json) => (typeof part === 'bigint' ? Number(part) : part));
  if (typeof longitude !== 'number' || typeof latitude !== 'number') return undefined;
  if (!Number.isFinite(longitude) || !(Math.abs(latitude) <= 90)) return undefined;
  return fromDegrees(longitude, latitude);
}

function line(json: Json | undefined): Line | undefined {
  if (!Array.isArray(json) || json.length < 2) return undefined;
  const vertices = whole(json.map(position));
  return vertices === undefined || !proper(vertices) ? undefined : vertices;
}

/** No vertex twice in a row, no edge of half the globe. */
function proper(vertices: readonly Vector[]): boolean {
  return vertices.every((vertex, at) => {
    const next = vertices[at + 1];
    return next === undefined || (!same(vertex, next) && dot(vertex, next) > -1 + 1e-15);
  });
}

function polygon(json: Json | undefined): readonly Loop[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined;
  const loops = whole(json.map(loop));
  if (loops === undefined) return undefined;
  // The first border is the outer one, whichever way it turns: the inside is the smaller part of the globe.
  return loops.map((border, at) => {
    const area = signedArea(border);
    return area > 0 === (at === 0) ? border : [...border].reverse();
  });
}

function loop(json: Json): Loop | undefined {
  if (!Array.isArray(json) || json.length < 4) return undefined;
  const vertices = whole(json.map(position));
  const [first, last] = [vertices?.[0], vertices?.at(-1)];
  if (!vertices || !first || !last || !same(first, last) || !proper(vertices)) return undefined;
  const border = vertices.slice(0, -1);
  return new Set(border.map(String)).size < border.length || selfCrossing(border) ? undefined : border;
}

/** Borders of more vertices are taken as they are: the test is quadratic. */
const MAX_TESTED = 2000;

function selfCrossing(border: Loop): boolean {
  const n = border.length;
  if (n > MAX_TESTED) return false;
  for (let at = 0; at < n; at++) {
    const [a, b] = [border[at], border[(at + 1) % n]];
    for (let other = at + 2; other < n; other++) {
      const [c, d] = [border[other], border[(other + 1) % n]];
      if (a && b && c && d && crosses(a, b, c, d)) return true;
    }
  }
  return false;
}
