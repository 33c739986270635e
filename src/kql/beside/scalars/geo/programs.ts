import type { Cell, Json, ScalarProgram } from '../../contract.ts';
import { aroundAreas, aroundLines, circle } from './buffer.ts';
import { covering } from './cover.ts';
import { asOrdered, cutAtDateLine, densified, normalized, rawPaths } from './densify.ts';
import {
  areaCentroid,
  edges,
  fractionOf,
  lineCentroid,
  nearestOf,
  pathLength,
  pointAt,
  signedArea,
  winding,
} from './measure.ts';
import { type Area, clip, commonOfLines, overlay, unionOfAreas, unionOfLines } from './overlay.ts';
import { cellOf, center, fromToken, neighbors, ring, token } from './s2-cell.ts';
import {
  type Line,
  type Loop,
  linesJson,
  pointJson,
  polygonsJson,
  readLines,
  readPoint,
  readPolygons,
} from './shape.ts';
import { simplifiedLine, simplifiedLoops } from './simplify.ts';
import { crosses, EARTH_RADIUS_M, same, toDegrees, type Vector } from './sphere.ts';
import { fromWkt } from './wkt.ts';

const DEFAULT_TOLERANCE_M = 10;
const DEFAULT_LEVEL = 11;
const EMPTY: Json = { type: 'GeometryCollection', geometries: [] };

/**
 * Geometry of lines and polygons on a sphere. Coordinates are degrees, lengths metres; an edge is the shortest way
 * between its ends. Null for what is no valid GeoJSON line or polygon.
 * https://learn.microsoft.com/kusto/query/geospatial-grid-systems
 */
export const geoPrograms: Readonly<Record<string, ScalarProgram>> = {
  geo_from_wkt: {
    summary: 'Well-known text as GeoJSON.',
    page: 'geo-from-wkt-function',
    params: ['string'],
    compute: ([text]) => (typeof text === 'string' ? fromWkt(text) : null),
  },
  geo_point_to_s2cell: {
    summary: 'The S2 cell of a point at a level of 0 to 30, by default 11.',
    page: 'geo-point-to-s2cell-function',
    params: ['real', 'real', 'long'],
    compute: ([longitude, latitude, level]) => {
      const [point, depth] = [readPoint(longitude, latitude), levelOf(level)];
      return point && depth !== undefined ? token(cellOf(point, depth)) : '';
    },
  },
  geo_s2cell_to_central_point: {
    summary: 'The centre of an S2 cell as a GeoJSON point.',
    page: 'geo-s2cell-to-central-point-function',
    params: ['string'],
    compute: ([text]) => {
      const cell = fromToken(String(text));
      return cell ? pointJson(center(cell)) : null;
    },
  },
  geo_s2cell_to_polygon: {
    summary: 'The border of an S2 cell as a GeoJSON polygon.',
    page: 'geo-s2cell-to-polygon-function',
    params: ['string'],
    compute: ([text]) => {
      const cell = fromToken(String(text));
      return cell ? { type: 'Polygon', coordinates: [ring(cell)] } : null;
    },
  },
  geo_s2cell_neighbors: {
    summary: 'The S2 cells around a cell.',
    page: 'geo-s2cell-neighbors-function',
    params: ['string'],
    compute: ([text]) => {
      const cell = fromToken(String(text));
      return cell ? neighbors(cell).map(token) : null;
    },
  },

  geo_line_centroid: onLines('geo-line-centroid-function', 'The centroid of a line.', (lines) =>
    pointJson(lineCentroid(lines)),
  ),
  geo_line_interpolate_point: {
    summary: 'The point at a fraction, 0 to 1, of the length of a line.',
    page: 'geo-line-interpolate-point-function',
    params: ['dynamic', 'real'],
    compute: ([json, fraction]) => {
      const lines = readLines(json);
      if (lines?.length !== 1 || typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1))
        return null;
      const found = pointAt(lines[0] ?? [], fraction);
      return found ? pointJson(found) : null;
    },
  },
  geo_line_locate_point: {
    summary: 'The fraction of the length of a line at which it comes nearest to a point.',
    page: 'geo-line-locate-point-function',
    params: ['dynamic', 'real', 'real', 'any'],
    compute: ([json, longitude, latitude, useSpheroid]) => {
      const [lines, point] = [readLines(json), readPoint(longitude, latitude)];
      if (useSpheroid !== undefined && useSpheroid !== false && useSpheroid !== 0n) return null;
      return lines?.length === 1 && point ? fractionOf(lines[0] ?? [], point) : null;
    },
  },
  geo_closest_point_on_line: nearLine('geo-closest-point-on-line-function', ({ foot }) => pointJson(foot)),
  geo_distance_point_to_line: nearLine('geo-distance-point-to-line-function', ({ away }) => metres(away)),
  geo_line_buffer: {
    summary: 'The area within a distance in metres of a line.',
    page: 'geo-line-buffer-function',
    params: ['dynamic', 'real', 'real'],
    compute: ([json, radius, tolerance]) => {
      const [lines, sizes] = [readLines(json), sizesOf(radius, tolerance)];
      return lines && sizes ? shapeOf(aroundLines(lines, ...sizes)) : null;
    },
  },
  geo_line_simplify: {
    summary: 'A line with fewer vertices, within a tolerance in metres, by default 10.',
    page: 'geo-line-simplify-function',
    params: ['dynamic', 'real'],
    compute: ([json, tolerance]) => {
      const [lines, radians] = [readLines(json), toleranceOf(tolerance)];
      if (!lines || !radians) return null;
      const thin = lines.flatMap((line) => simplifiedLine(line, radians) ?? []);
      const kept = lines.map((line) => simplifiedLine(line, radians)).filter((line) => line !== undefined);
      return thin.length === 0 ? null : linesJson(kept);
    },
  },
  geo_line_densify: {
    summary: 'A line with vertices added, so that it runs as on a flat map within a tolerance in metres.',
    page: 'geo-line-densify-function',
    params: ['dynamic', 'real', 'any'],
    compute: ([json, tolerance]) => {
      const [lines, radians] = [readLines(json), toleranceOf(tolerance)];
      if (!lines || !radians) return null;
      const dense = rawPaths(json).flatMap((path) => cutAtDateLine(densified(path, radians)));
      return dense.length === 1
        ? { type: 'LineString', coordinates: dense[0] ?? [] }
        : { type: 'MultiLineString', coordinates: dense };
    },
  },
  geo_line_to_s2cells: {
    summary: 'The S2 cells of a level, by default 11, within a distance of a line.',
    page: 'geo-line-to-s2cells-function',
    params: ['dynamic', 'long', 'real'],
    compute: ([json, level, radius]) => cellsOf(readLines(json), false, level, radius),
  },
  geo_union_lines_array: {
    summary: 'Lines as one, with what they share once.',
    page: 'geo-union-lines-array-function',
    params: ['dynamic'],
    compute: ([list]) => {
      const all = readAll(list, readLines);
      return all ? linesJson(unionOfLines(all.flat())) : null;
    },
  },

  geo_point_buffer: {
    summary: 'A circle of a radius in metres around a point as a polygon.',
    page: 'geo-point-buffer-function',
    params: ['real', 'real', 'real', 'real'],
    compute: ([longitude, latitude, radius, tolerance]) => {
      const [point, sizes] = [readPoint(longitude, latitude), sizesOf(radius, tolerance)];
      return point && sizes ? polygonsJson([[circle(point, ...sizes)]]) : null;
    },
  },
  geo_polygon_area: onPolygons(
    'geo-polygon-area-function',
    'The area of a polygon in square metres.',
    (area) => area.reduce((sum, loop) => sum + signedArea(loop), 0) * EARTH_RADIUS_M ** 2,
  ),
  geo_polygon_centroid: onPolygons('geo-polygon-centroid-function', 'The centroid of a polygon.', (area) =>
    pointJson(areaCentroid(area)),
  ),
  geo_polygon_perimeter: onPolygons(
    'geo-polygon-perimeter-function',
    'The length of a border in metres.',
    (area) => metres(area.reduce((sum, loop) => sum + pathLength(loop, true), 0)),
  ),
  geo_closest_point_on_polygon: nearPolygon('geo-closest-point-on-polygon-function', ({ foot }) =>
    pointJson(foot),
  ),
  geo_distance_point_to_polygon: nearPolygon('geo-distance-point-to-polygon-function', ({ away }) =>
    metres(away),
  ),
  geo_polygon_buffer: {
    summary: 'The area within a distance in metres of a polygon.',
    page: 'geo-polygon-buffer-function',
    params: ['dynamic', 'real', 'real'],
    compute: ([json, radius, tolerance]) => {
      const [areas, sizes] = [readPolygons(json), sizesOf(radius, tolerance)];
      return areas && sizes ? shapeOf(aroundAreas(areas, ...sizes)) : null;
    },
  },
  geo_polygon_simplify: {
    summary: 'A polygon with fewer vertices, within a tolerance in metres, by default 10.',
    page: 'geo-polygon-simplify-function',
    params: ['dynamic', 'real'],
    compute: ([json, tolerance]) => simplifiedAreas(readPolygons(json), tolerance),
  },
  geo_simplify_polygons_array: {
    summary: 'Polygons with fewer vertices that keep what borders they share.',
    page: 'geo-simplify-polygons-array-function',
    params: ['dynamic', 'real'],
    compute: ([list, tolerance]) => simplifiedAreas(readAll(list, readPolygons)?.flat(), tolerance),
  },
  geo_polygon_densify: {
    summary: 'A polygon with vertices added, so that its border runs as on a flat map within a tolerance.',
    page: 'geo-polygon-densify-function',
    params: ['dynamic', 'real', 'any'],
    compute: ([json, tolerance]) => {
      const [areas, radians] = [readPolygons(json), toleranceOf(tolerance)];
      if (!areas || !radians) return null;
      const raw = rawPaths(json);
      let at = 0;
      const dense = areas.map((area) =>
        area.map((loop) => densified(asOrdered(raw[at++] ?? [], loop), radians).map(normalized)),
      );
      return dense.length === 1
        ? { type: 'Polygon', coordinates: dense[0] ?? [] }
        : { type: 'MultiPolygon', coordinates: dense };
    },
  },
  geo_polygon_to_s2cells: {
    summary: 'The S2 cells of a level, by default 11, that a polygon touches.',
    page: 'geo-polygon-to-s2cells-function',
    params: ['dynamic', 'long', 'real'],
    compute: ([json, level, radius]) => cellsOf(readPolygons(json)?.flat(), true, level, radius),
  },
  geo_union_polygons_array: {
    summary: 'Polygons as one.',
    page: 'geo-union-polygons-array-function',
    params: ['dynamic'],
    compute: ([list]) => {
      const all = readAll(list, readPolygons);
      return all ? shapeOf(unionOfAreas(all.flat())) : null;
    },
  },

  geo_intersects_2lines: pair('geo-intersects-2lines-function', readLines, readLines, (a, b) => {
    const { points, lines } = commonOfLines(a, b);
    return points.length + lines.length > 0;
  }),
  geo_intersects_line_with_polygon: pair(
    'geo-intersects-line-with-polygon-function',
    readLines,
    readPolygons,
    (lines, areas) =>
      bordersCross(lines, false, areas.flat()) ||
      lines.some((line) => line.some((vertex) => winding(vertex, areas.flat()) > 0)),
  ),
  geo_intersects_2polygons: pair('geo-intersects-2polygons-function', readPolygons, readPolygons, (a, b) => {
    const inside = (one: readonly Area[], other: readonly Area[]) =>
      one.some((area) => area.some((loop) => loop.some((vertex) => winding(vertex, other.flat()) > 0)));
    return bordersCross(a.flat(), true, b.flat()) || inside(a, b) || inside(b, a);
  }),
  geo_intersection_2lines: pair('geo-intersection-2lines-function', readLines, readLines, (a, b) => {
    const { points, lines } = commonOfLines(a, b);
    if (points.length === 0) return linesJson(lines);
    const dots: Json =
      points.length === 1 && points[0]
        ? pointJson(points[0])
        : { type: 'MultiPoint', coordinates: points.map(toDegrees) };
    return lines.length === 0 ? dots : { type: 'GeometryCollection', geometries: [dots, linesJson(lines)] };
  }),
  geo_intersection_line_with_polygon: pair(
    'geo-intersection-line-with-polygon-function',
    readLines,
    readPolygons,
    (lines, areas) => linesJson(clip(lines, areas.flat())),
  ),
  geo_intersection_2polygons: pair(
    'geo-intersection-2polygons-function',
    readPolygons,
    readPolygons,
    (a, b) => {
      const areas = overlay([united(a).flat(), united(b).flat()], 'all');
      const covered = new Set(areas.flat(2).map(String));
      const own = new Map(a.flat(2).map((vertex) => [String(vertex), vertex]));
      const touching = b.flat(2).filter((vertex) => own.has(String(vertex)) && !covered.has(String(vertex)));
      const shapes = [...touching.map(pointJson), ...(areas.length > 0 ? [polygonsJson(areas)] : [])];
      return shapes.length === 1 ? (shapes[0] ?? EMPTY) : { type: 'GeometryCollection', geometries: shapes };
    },
  ),
};

function metres(radians: number): number {
  return radians * EARTH_RADIUS_M;
}

function onLines(page: string, summary: string, compute: (lines: readonly Line[]) => Cell): ScalarProgram {
  return {
    summary,
    page,
    params: ['dynamic'],
    compute: ([json]) => {
      const lines = readLines(json);
      return lines ? compute(lines) : null;
    },
  };
}

function onPolygons(page: string, summary: string, compute: (loops: readonly Loop[]) => Cell): ScalarProgram {
  return {
    summary,
    page,
    params: ['dynamic'],
    compute: ([json]) => {
      const areas = readPolygons(json);
      return areas ? compute(united(areas).flat()) : null;
    },
  };
}

/** The polygons of a multi-polygon may overlap: what they cover counts once. */
function united(areas: readonly Area[]): readonly Area[] {
  return areas.length > 1 ? unionOfAreas(areas) : areas;
}

type Nearest = { readonly foot: Vector; readonly away: number };

function nearLine(page: string, compute: (found: Nearest) => Cell): ScalarProgram {
  return {
    summary: 'Where a line comes nearest to a point.',
    page,
    params: ['real', 'real', 'dynamic'],
    compute: ([longitude, latitude, json]) => {
      const [point, lines] = [readPoint(longitude, latitude), readLines(json)];
      return point && lines ? compute(nearestOf(point, lines, false)) : null;
    },
  };
}

function nearPolygon(page: string, compute: (found: Nearest) => Cell): ScalarProgram {
  return {
    summary: 'Where a polygon comes nearest to a point; a point inside is nearest itself.',
    page,
    params: ['real', 'real', 'dynamic'],
    compute: ([longitude, latitude, json]) => {
      const [point, areas] = [readPoint(longitude, latitude), readPolygons(json)];
      if (!point || !areas) return null;
      const isInside = areas.some((area) => winding(point, area) > 0);
      return compute(isInside ? { foot: point, away: 0 } : nearestOf(point, areas.flat(), true));
    },
  };
}

function pair<A, B>(
  page: string,
  readFirst: (json: Json | undefined) => A | undefined,
  readSecond: (json: Json | undefined) => B | undefined,
  compute: (a: A, b: B) => Cell,
): ScalarProgram {
  return {
    summary: 'What two shapes have in common.',
    page,
    params: ['dynamic'],
    compute: ([one, other]) => {
      const [a, b] = [readFirst(one), readSecond(other)];
      return a !== undefined && b !== undefined ? compute(a, b) : null;
    },
  };
}

function bordersCross(a: readonly Line[], isClosed: boolean, b: readonly Loop[]): boolean {
  const others = b.flatMap((loop) => edges(loop, true));
  return a
    .flatMap((path) => edges(path, isClosed))
    .some(([from, to]) =>
      others.some(
        ([start, end]) =>
          same(from, start) ||
          same(from, end) ||
          same(to, start) ||
          same(to, end) ||
          crosses(from, to, start, end),
      ),
    );
}

function readAll<T>(list: Cell | undefined, read: (json: Json) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const all = list.map((json: Json) => read(json));
  return all.every((item) => item !== undefined) ? (all as T[]) : undefined;
}

/** Radians. */
function sizesOf(radius: Cell | undefined, tolerance: Cell | undefined): [number, number] | undefined {
  const error = tolerance === undefined ? DEFAULT_TOLERANCE_M : tolerance;
  if (typeof radius !== 'number' || typeof error !== 'number' || !(radius > 0 && error > 0)) return undefined;
  const radians = radius / EARTH_RADIUS_M;
  return radians < Math.PI / 2 ? [radians, error / EARTH_RADIUS_M] : undefined;
}

function toleranceOf(tolerance: Cell | undefined): number | undefined {
  const value = tolerance === undefined ? DEFAULT_TOLERANCE_M : tolerance;
  return typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? value / EARTH_RADIUS_M
    : undefined;
}

function levelOf(level: Cell | undefined): number | undefined {
  if (level === undefined) return DEFAULT_LEVEL;
  return typeof level === 'bigint' && level >= 0n && level <= 30n ? Number(level) : undefined;
}

function shapeOf(areas: readonly Area[]): Json {
  return areas.length === 0 ? EMPTY : polygonsJson(areas);
}

function simplifiedAreas(areas: readonly Area[] | undefined, tolerance: Cell | undefined): Cell {
  const radians = toleranceOf(tolerance);
  if (!areas || !radians) return null;
  const thin = simplifiedLoops(areas.flat(), radians);
  let at = 0;
  const kept = areas.map((area) => area.map(() => thin[at++]));
  // A hole that vanishes is left out; a polygon that does leaves nothing to answer.
  if (kept.some((area) => area[0] === undefined)) return null;
  return polygonsJson(kept.map((area) => area.filter((loop) => loop !== undefined)));
}

function cellsOf(
  paths: readonly (readonly Vector[])[] | undefined,
  isClosed: boolean,
  level: Cell | undefined,
  radius: Cell | undefined,
): Cell {
  const depth = levelOf(level);
  const distance = radius === undefined ? 0 : radius;
  if (!paths || typeof distance !== 'number' || !(distance >= 0) || depth === undefined) return null;
  return covering(paths, isClosed, depth, distance / EARTH_RADIUS_M)?.slice() ?? null;
}
