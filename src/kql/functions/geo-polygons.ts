import { type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { onEarth, positions } from './geo-json.ts';
import { need } from './operand.ts';
import type { FunctionFamily } from './registry.ts';

/** Polygons whose edges are shortest paths on the sphere, as GeoJSON in Kusto has them. */
export const geoPolygons: FunctionFamily = {
  geo_point_in_polygon: {
    summary:
      'True where a point is inside a GeoJSON polygon or one of several; null where either is not valid.',
    page: 'geo-point-in-polygon-function',
    params: ['real', 'real', 'dynamic'],
    nulls: 'maybe',
    sql: ([longitude, latitude, polygon]) =>
      bind(sql`__px`, need(longitude).sql, (x) =>
        bind(sql`__py`, need(latitude).sql, (y) =>
          bind(sql`__pj`, need(polygon).sql, (json) => inside(x, y, json)),
        ),
      ),
    examples: [
      [
        'geo_point_in_polygon(1, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]]]}))',
        'True',
      ],
      [
        'geo_point_in_polygon(5, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]]]}))',
        'False',
      ],
      [
        'isnull(geo_point_in_polygon(1, 1, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]})))',
        'True',
      ],
    ],
  },
};

/**
 * `body` over the polygons that a GeoJSON polygon, or several, are made of (`__all`: polygons of rings of pairs, longitude
 * first) and over whether they are valid.
 */
export function overPolygons(json: Sql, body: (valid: Sql) => Sql): Sql {
  const kind = sql`JSONExtractString(${json}, 'type')`;
  const raw = sql`JSONExtractRaw(${json}, 'coordinates')`;
  const rings = sql`arrayMap(__r -> ${positions(sql`__r`)}, JSONExtractArrayRaw(__q))`;
  const polygons = sql`arrayMap(__q -> ${rings}, if(${kind} = 'Polygon', [${raw}], JSONExtractArrayRaw(${raw})))`;
  const places = sql`arrayAll(__w -> ${onEarth(sql`__w.1`, sql`__w.2`)}, __r)`;
  const apart = sql`arrayAll((__a, __b) -> __a != __b, arrayPopBack(__r), arrayPopFront(__r))`;
  const ringIsValid = sql`(length(__r) >= 4 AND __r[1] = __r[-1] AND ${places} AND ${apart})`;
  const valid = sql`${kind} IN ('Polygon', 'MultiPolygon') AND notEmpty(__all) AND arrayAll(__q -> notEmpty(__q) AND arrayAll(__r -> ${ringIsValid}, __q), __all)`;
  return sql`arrayMap(__all -> ${body(valid)}, [${polygons}])[1]`;
}

/** The rings of a polygon are counted together, so that a hole undoes what is around it. */
function inside(x: Sql, y: Sql, json: Sql): Sql {
  const [px, py] = [sql`assumeNotNull(${x})`, sql`assumeNotNull(${y})`];
  const odd = sql`arrayExists(__q -> arraySum(__r -> ${crossings(px, py)}, __q) % 2 = 1, __all)`;
  return overPolygons(json, (valid) => sql`if(${valid} AND ${onEarth(x, y)}, ${odd}, NULL)`);
}

/**
 * How often the ring `__r` crosses the meridian from the point to the North Pole, plus one for a ring around that pole.
 * Where an edge meets the meridian is exact: tan(latitude) is linear in the sines of the longitudes along it.
 */
function crossings(x: Sql, y: Sql): Sql {
  const turned = (degrees: Sql) => sql`(${degrees} - 360 * floor((${degrees} + 180) / 360))`;
  const from = turned(sql`(__a.1 - ${x})`);
  const width = turned(sql`(__b.1 - __a.1)`);
  const to = sql`(${from} + ${width})`;
  const slope = sql`(tan(radians(__a.2)) * sin(radians(${to})) - tan(radians(__b.2)) * sin(radians(${from}))) / sin(radians(${width}))`;
  const crosses = sql`((${from} > 0) != (${to} > 0) AND ${slope} > tan(radians(${y})))`;
  const edges = sql`arrayPopBack(__r), arrayPopFront(__r)`;
  const around = sql`abs(arraySum(arrayMap((__a, __b) -> ${width}, ${edges}))) > 180 AND arrayAvg(__w -> __w.2, __r) > 0`;
  return sql`(arrayCount((__a, __b) -> ${crosses}, ${edges}) + if(${around}, 1, 0))`;
}
