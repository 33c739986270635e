import { count, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { h3List } from './geo-cells.ts';
import { overPolygons } from './geo-polygons.ts';
import type { FunctionFamily } from './registry.ts';

/** More cells than this are null, as the page says. */
const MOST_CELLS = 61_680;
/** The engine reserves room for all cells of the box around a polygon: that much of it is allowed. */
const MOST_CELLS_OF_BOX = 2_000_000;

/** Cells of the H3 grid for areas. */
export const geoPolygonCells: FunctionFamily = {
  geo_polygon_to_h3cells: {
    summary:
      'The H3 cells of a resolution of 0 to 15, by default 6, whose centres lie in a GeoJSON polygon or one of several.',
    page: 'geo-polygon-to-h3cells-function',
    params: ['dynamic', 'long'],
    sql: ([polygon, resolution]) => {
      if (polygon === undefined) throw new Error('the binder let a call with too few arguments pass');
      return bind(sql`__pj`, polygon.sql, (json) =>
        bind(sql`__l`, resolution?.sql ?? sql`6`, (level) => cellsOf(json, level)),
      );
    },
    examples: [
      [
        'geo_polygon_to_h3cells(dynamic({"type":"Polygon","coordinates":[[[-3.659,40.553],[-3.913,40.409],[-3.729,40.273],[-3.524,40.440],[-3.659,40.553]]]}), 5)[0]',
        '85390cb3fffffff',
      ],
      [
        'array_length(geo_polygon_to_h3cells(dynamic({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[9,9],[10,9],[10,10],[9,9]]]]})))',
        '404',
      ],
      [
        'isnull(geo_polygon_to_h3cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[80,0],[80,80],[0,0]]]}), 15))',
        'True',
      ],
      ['isnull(geo_polygon_to_h3cells(dynamic({"type":"Point","coordinates":[1,2]})))', 'True'],
    ],
  },
};

function cellsOf(json: Sql, level: Sql): Sql {
  const inRange = sql`ifNull(${level} BETWEEN 0 AND 15, false)`;
  const safeLevel = sql`toUInt8(if(${inRange}, assumeNotNull(${level}), 0))`;
  return overPolygons(json, (valid) => {
    // `__f`: whether the cells are to be made, and at which resolution.
    const share = sql`arraySum(__q -> ${boxShare(sql`__q[1]`)}, if(__e.1, __all, []))`;
    const small = sql`${share} * h3NumHexagons(__e.2) <= ${count(MOST_CELLS_OF_BOX)}`;
    const wanted = sql`arrayMap(__e -> arrayMap(__s -> (__s, if(__s, __e.2, toUInt8(0))), [__e.1 AND ${small}])[1], [(${valid} AND ${inRange}, ${safeLevel})])[1]`;
    // The engine throws on what is no polygon, also where the result is not wanted.
    const polygons = sql`if(__f.1, __all, [[[(0., 0.), (1., 0.), (1., 1.), (0., 0.)]]])`;
    const cells = sql`arrayDistinct(arrayFlatten(arrayMap(__q -> h3PolygonToCells(__q, __f.2), ${polygons})))`;
    const fits = sql`__f.1 AND length(__h) BETWEEN 1 AND ${count(MOST_CELLS)}`;
    const shown = sql`arrayMap(__h -> if(${fits}, ${h3List(sql`__h`)}, ''), [${cells}])[1]`;
    return sql`arrayMap(__f -> ${shown}, [${wanted}])[1]`;
  });
}

/** How much of the globe the box around a ring takes. A ring with a longer step than half a turn crosses the date line. */
function boxShare(ring: Sql): Sql {
  const far = sql`arrayExists((__a, __b) -> abs(__a.1 - __b.1) > 180, arrayPopBack(${ring}), arrayPopFront(${ring}))`;
  const lon = sql`arrayMap(__w -> if(${far} AND __w.1 < 0, __w.1 + 360, __w.1), ${ring})`;
  const lat = sql`arrayMap(__w -> sin(radians(__w.2)), ${ring})`;
  const [width, height] = [
    sql`(arrayMax(${lon}) - arrayMin(${lon}))`,
    sql`(arrayMax(${lat}) - arrayMin(${lat}))`,
  ];
  return sql`(${width} / 360 * ${height} / 2)`;
}
