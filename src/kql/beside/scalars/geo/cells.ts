import type { Cell, ScalarProgram } from '../../contract.ts';
import { covering } from './cover.ts';
import { cellOf, center, fromToken, neighbors, ring, token } from './s2-cell.ts';
import { pointJson, readLines, readPoint, readPolygons } from './shape.ts';
import { EARTH_RADIUS_M, type Vector } from './sphere.ts';

const DEFAULT_LEVEL = 11;

/** S2 cells: of points, and over lines and polygons. */
export const cellPrograms: Readonly<Record<string, ScalarProgram>> = {
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
  geo_line_to_s2cells: {
    summary: 'The S2 cells of a level, by default 11, within a distance of a line.',
    page: 'geo-line-to-s2cells-function',
    params: ['dynamic', 'long', 'real'],
    compute: ([json, level, radius]) => cellsOf(readLines(json), false, level, radius),
  },
  geo_polygon_to_s2cells: {
    summary: 'The S2 cells of a level, by default 11, that a polygon touches.',
    page: 'geo-polygon-to-s2cells-function',
    params: ['dynamic', 'long', 'real'],
    compute: ([json, level, radius]) => cellsOf(readPolygons(json)?.flat(), true, level, radius),
  },
};

function levelOf(level: Cell | undefined): number | undefined {
  if (level === undefined) return DEFAULT_LEVEL;
  return typeof level === 'bigint' && level >= 0n && level <= 30n ? Number(level) : undefined;
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
