import type { Cell, ScalarProgram } from '../../contract.ts';
import { aroundLines } from './buffer.ts';
import { cutAtDateLine, densified, rawPaths } from './densify.ts';
import { fractionOf, lineCentroid, type Nearest, nearestOf, pointAt } from './measure.ts';
import { unionOfLines } from './overlay.ts';
import { type Line, linesJson, pointJson, polygonsJson, readAll, readLines, readPoint } from './shape.ts';
import { simplifiedLine } from './simplify.ts';
import { metres, sizesOf, toleranceOf } from './sizes.ts';

/** Lines. */
export const linePrograms: Readonly<Record<string, ScalarProgram>> = {
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
      return lines && sizes ? polygonsJson(aroundLines(lines, ...sizes)) : null;
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
  geo_union_lines_array: {
    summary: 'Lines as one, with what they share once.',
    page: 'geo-union-lines-array-function',
    params: ['dynamic'],
    compute: ([list]) => {
      const all = readAll(list, readLines);
      return all ? linesJson(unionOfLines(all.flat())) : null;
    },
  },
};

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
