import type { Cell, ScalarProgram } from '../../contract.ts';
import { aroundAreas, circle } from './buffer.ts';
import { asOrdered, densified, normalized, rawPaths } from './densify.ts';
import { areaCentroid, type Nearest, nearestOf, pathLength, signedArea, winding } from './measure.ts';
import { type Area, unionOfAreas, united } from './overlay.ts';
import { type Loop, pointJson, polygonsJson, readAll, readPoint, readPolygons } from './shape.ts';
import { simplifiedLoops } from './simplify.ts';
import { metres, sizesOf, toleranceOf } from './sizes.ts';
import { EARTH_RADIUS_M } from './sphere.ts';

/** Polygons, circles among them. */
export const polygonPrograms: Readonly<Record<string, ScalarProgram>> = {
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
      return areas && sizes ? polygonsJson(aroundAreas(areas, ...sizes)) : null;
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
  geo_union_polygons_array: {
    summary: 'Polygons as one.',
    page: 'geo-union-polygons-array-function',
    params: ['dynamic'],
    compute: ([list]) => {
      const all = readAll(list, readPolygons);
      return all ? polygonsJson(unionOfAreas(all.flat())) : null;
    },
  },
};

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
