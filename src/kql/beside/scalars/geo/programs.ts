import type { ScalarProgram } from '../../contract.ts';
import { cellPrograms } from './cells.ts';
import { linePrograms } from './lines.ts';
import { pairPrograms } from './pairs.ts';
import { polygonPrograms } from './polygons.ts';
import { fromWkt } from './wkt.ts';

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
  ...cellPrograms,
  ...linePrograms,
  ...polygonPrograms,
  ...pairPrograms,
};
