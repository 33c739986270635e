import { type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { onEarth, positions } from './geo-json.ts';
import { need } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';

/** The radius in metres of the sphere that Kusto measures on: https://s2geometry.io */
const EARTH_RADIUS = sql`6371010`;

/** Distances in metres and angles in radians on a sphere; null for what is no place on Earth. */
export const geoMeasures: FunctionFamily = {
  geo_distance_2points: {
    summary: 'The shortest distance in metres between two points.',
    page: 'geo-distance-2points-function',
    params: ['real', 'real', 'real', 'real', 'any'],
    nulls: 'maybe',
    sql: (args) => {
      if (args[4] !== undefined && args[4].constant !== false && args[4].constant !== 0n)
        throw new ArgumentFault('distances are measured on a sphere, not on a spheroid');
      return bound(args, 4, ([x1, y1, x2, y2]) => {
        const valid = sql`${onEarth(x1, y1)} AND ${onEarth(x2, y2)}`;
        return sql`if(${valid}, ${metres(x1, y1, x2, y2)}, NULL)`;
      });
    },
    examples: [
      ['round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 3)', '1546754.352'],
    ],
  },
  geo_point_in_circle: {
    summary: 'True where a point is within a distance in metres of another.',
    page: 'geo-point-in-circle-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) =>
      bound(args, 4, ([x1, y1, x2, y2]) => {
        const radius = need(args[4]).sql;
        const valid = sql`${onEarth(x1, y1)} AND ${onEarth(x2, y2)} AND ${radius} >= 0`;
        return sql`if(${valid}, ${metres(x1, y1, x2, y2)} <= ${radius}, NULL)`;
      }),
    examples: [['geo_point_in_circle(-122.143564, 47.535677, -122.100896, 47.527351, 3500)', 'True']],
  },
  geo_azimuth: {
    summary:
      'The clockwise angle from true north to the line from one point to another; null where they are one.',
    page: 'geo-azimuth-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) =>
      bound(args, 4, ([x1, y1, x2, y2]) => {
        const valid = sql`${onEarth(x1, y1)} AND ${onEarth(x2, y2)} AND NOT (${x1} = ${x2} AND ${y1} = ${y2})`;
        return sql`if(${valid}, ${turn(bearing(x1, y1, x2, y2))}, NULL)`;
      }),
    examples: [['round(geo_azimuth(5, 10, 10, -40), 6)', '3.054599']],
  },
  geo_angle: {
    summary: 'The clockwise angle at the second of three points, from the first to the third.',
    page: 'geo-angle-function',
    params: ['real'],
    nulls: 'maybe',
    sql: (args) =>
      bound(args, 6, ([x1, y1, x2, y2, x3, y3]) => {
        const places = sql`${onEarth(x1, y1)} AND ${onEarth(x2, y2)} AND ${onEarth(x3, y3)}`;
        const apart = sql`NOT (${x1} = ${x2} AND ${y1} = ${y2}) AND NOT (${x2} = ${x3} AND ${y2} = ${y3})`;
        const angle = sql`(${bearing(x2, y2, x3, y3)} - ${bearing(x2, y2, x1, y1)})`;
        return sql`if(${places} AND ${apart}, ${turn(angle)}, NULL)`;
      }),
    examples: [['round(geo_angle(0, 10, 0, 5, 3, -10), 6)', '2.944938']],
  },
  geo_line_length: {
    summary: 'The length in metres of a GeoJSON line or of several.',
    page: 'geo-line-length-function',
    params: ['dynamic'],
    nulls: 'maybe',
    sql: ([line]) => lineLength(need(line).sql),
    examples: [
      ['isnull(geo_line_length(dynamic({"type":"LineString","coordinates":[[1,1]]})))', 'True'],
      ['round(geo_line_length(dynamic({"type":"LineString","coordinates":[[0,0],[0,1]]})))', '111195.0'],
    ],
  },
};

type Six = readonly [Sql, Sql, Sql, Sql, Sql, Sql];

/** The first `count` arguments, each printed once. */
function bound(args: readonly Argument[], count: 4 | 6, body: (values: Six) => Sql): Sql {
  const names = [sql`__x1`, sql`__y1`, sql`__x2`, sql`__y2`, sql`__x3`, sql`__y3`] as const;
  const values: [Sql, Sql, Sql, Sql, Sql, Sql] = [...names];
  const step = (i: number): Sql => {
    const name = names[i];
    if (i === count || name === undefined) return body(values);
    return bind(name, need(args[i]).sql, (value) => {
      values[i] = value;
      return step(i + 1);
    });
  };
  return step(0);
}

/** By the haversine formula, which is exact for near points too. */
function metres(x1: Sql, y1: Sql, x2: Sql, y2: Sql): Sql {
  const half = (a: Sql, b: Sql) => sql`pow(sin((radians(${b}) - radians(${a})) / 2), 2)`;
  const haversine = sql`${half(y1, y2)} + cos(radians(${y1})) * cos(radians(${y2})) * ${half(x1, x2)}`;
  return sql`2 * ${EARTH_RADIUS} * asin(sqrt(least(1, ${haversine})))`;
}

/** Clockwise from north, from the first point to the second, in (-pi, pi]. */
function bearing(x1: Sql, y1: Sql, x2: Sql, y2: Sql): Sql {
  const [from, to] = [sql`radians(${y1})`, sql`radians(${y2})`];
  const turned = sql`(radians(${x2}) - radians(${x1}))`;
  return sql`atan2(sin(${turned}) * cos(${to}), cos(${from}) * sin(${to}) - sin(${from}) * cos(${to}) * cos(${turned}))`;
}

/** An angle in 0 to 2 pi. */
function turn(angle: Sql): Sql {
  return sql`(${angle} - 2 * pi() * floor(${angle} / (2 * pi())))`;
}

function lineLength(line: Sql): Sql {
  return bind(sql`__j`, line, (json) => {
    const kind = sql`JSONExtractString(${json}, 'type')`;
    const raw = sql`JSONExtractRaw(${json}, 'coordinates')`;
    const lines = sql`arrayMap(__r -> ${positions(sql`__r`)}, if(${kind} = 'LineString', [${raw}], JSONExtractArrayRaw(${raw})))`;
    const onEarthAll = sql`arrayAll(__a -> length(__a) >= 2 AND arrayAll(__w -> ${onEarth(sql`__w.1`, sql`__w.2`)}, __a), __all)`;
    const step = sql`arrayMap((__a, __b) -> ${metres(sql`__a.1`, sql`__a.2`, sql`__b.1`, sql`__b.2`)}, arrayPopBack(__l), arrayPopFront(__l))`;
    const valid = sql`${kind} IN ('LineString', 'MultiLineString') AND notEmpty(__all) AND ${onEarthAll}`;
    return sql`arrayMap(__all -> if(${valid}, arraySum(__l -> arraySum(${step}), __all), NULL), [${lines}])[1]`;
  });
}
