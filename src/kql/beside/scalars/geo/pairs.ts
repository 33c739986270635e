import type { Cell, Json, ScalarProgram } from '../../contract.ts';
import { edges, winding } from './measure.ts';
import { type Area, clip, commonOfLines, overlay, united } from './overlay.ts';
import {
  type Line,
  type Loop,
  linesJson,
  pointJson,
  polygonsJson,
  readLines,
  readPolygons,
} from './shape.ts';
import { crosses, same, toDegrees } from './sphere.ts';

/** What two shapes have in common. */
export const pairPrograms: Readonly<Record<string, ScalarProgram>> = {
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
      const [only] = shapes;
      return shapes.length === 1 && only ? only : { type: 'GeometryCollection', geometries: shapes };
    },
  ),
};

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
