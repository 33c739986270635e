import { jsonOf } from '../cells.ts';
import type { Cell, TableProgram } from '../contract.ts';
import { nearestOf, winding } from '../scalars/geo/measure.ts';
import { readLines, readPoint, readPolygons } from '../scalars/geo/shape.ts';
import { EARTH_RADIUS_M } from '../scalars/geo/sphere.ts';

/**
 * Inputs: points (longitude, latitude) and shapes (GeoJSON as text), each once. Answer: the pairs of a point and a shape
 * within `radius` metres of each other, as longitude, latitude, text.
 */
export const geoLookup: TableProgram = {
  summary: 'The lines or polygons near points.',
  run: ([points, shapes], options, budget) => {
    const { radius, kind } = options as unknown as { radius: number; kind: 'line' | 'polygon' };
    const reach = radius / EARTH_RADIUS_M;
    const known = (shapes?.rows ?? []).flatMap(([text]) => {
      const json = jsonOf(String(text));
      const paths = kind === 'line' ? readLines(json) : readPolygons(json)?.flat();
      return paths ? [{ text: text ?? null, paths }] : [];
    });
    const found: (readonly Cell[])[] = [];
    for (const [longitude, latitude] of points?.rows ?? []) {
      const point = readPoint(longitude, latitude);
      if (!point) continue;
      for (const { text, paths } of known) {
        budget.check();
        const isInside = kind === 'polygon' && winding(point, paths) > 0;
        if (isInside || nearestOf(point, paths, kind === 'polygon').away <= reach)
          found.push([longitude ?? null, latitude ?? null, text]);
      }
    }
    return found;
  },
};
