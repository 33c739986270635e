import { call, count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { lineOfPoints, onEarth, point } from './geo-json.ts';
import { need } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';

/**
 * H3 and geohash cells. What names no cell gives '' or null. The engine's own functions throw on such input, also in a
 * branch that is not taken when they are folded, so they are always given a valid cell.
 * https://learn.microsoft.com/kusto/query/geospatial-grid-systems
 */
export const geoCells: FunctionFamily = {
  geo_point_to_h3cell: {
    summary: 'The H3 cell of a point at a resolution of 0 to 15, by default 6.',
    page: 'geo-point-to-h3cell-function',
    params: ['real', 'real', 'long'],
    sql: ([longitude, latitude, resolution]) =>
      pointCell(
        longitude,
        latitude,
        resolution?.sql ?? sql`6`,
        [0, 15],
        (lon, lat, level) => sql`h3ToString(geoToH3(${lat}, ${lon}, ${level}))`,
      ),
    examples: [['geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)', '862a1072fffffff']],
  },
  geo_h3cell_level: {
    summary: 'The resolution of an H3 cell.',
    page: 'geo-h3cell-level-function',
    params: ['string'],
    nulls: 'maybe',
    sql: ([cell]) => ofH3(cell, (h3) => sql`toInt32(h3GetResolution(${h3}))`, sql`NULL`),
    examples: [['geo_h3cell_level("862a1072fffffff")', '6']],
  },
  geo_h3cell_parent: {
    summary: 'The H3 cell of a coarser resolution, by default the next one, that holds a cell.',
    page: 'geo-h3cell-parent-function',
    params: ['string', 'long'],
    sql: ([cell, resolution]) =>
      ofH3(cell, (h3) => {
        const level = sql`toInt64(h3GetResolution(${h3}))`;
        const wanted = resolution === undefined ? sql`${level} - 1` : resolution.sql;
        const parent = sql`h3ToParent(${h3}, toUInt8(least(greatest(ifNull(${wanted}, 0), 0), ${level})))`;
        return sql`if(ifNull(${wanted}, -1) BETWEEN 0 AND ${level}, h3ToString(${parent}), '')`;
      }),
    examples: [['geo_h3cell_parent("862a1072fffffff")', '852a1073fffffff']],
  },
  geo_h3cell_children: {
    summary: 'The H3 cells of a finer resolution, by default the next one, inside a cell.',
    page: 'geo-h3cell-children-function',
    params: ['string', 'long'],
    sql: ([cell, resolution]) =>
      ofH3(cell, (h3) => {
        const level = sql`toInt64(h3GetResolution(${h3}))`;
        const wanted = resolution === undefined ? sql`${level} + 1` : resolution.sql;
        // Five levels are 16,807 cells.
        const last = sql`least(${level} + 5, 15)`;
        const safe = sql`toUInt8(least(greatest(ifNull(${wanted}, 0), ${level}), ${last}))`;
        const inRange = sql`ifNull(${wanted}, -1) BETWEEN ${level} AND ${last}`;
        return sql`if(${inRange}, ${h3List(sql`h3ToChildren(${h3}, ${safe})`)}, '')`;
      }),
    examples: [['array_length(geo_h3cell_children("862a1072fffffff"))', '7']],
  },
  geo_h3cell_neighbors: {
    summary: 'The H3 cells next to a cell.',
    page: 'geo-h3cell-neighbors-function',
    params: ['string'],
    sql: ([cell]) => ofH3(cell, (h3) => h3List(ring(h3, sql`1`))),
    examples: [['array_length(geo_h3cell_neighbors("862a1072fffffff"))', '6']],
  },
  geo_h3cell_rings: {
    summary: 'The rings of H3 cells around a cell, from itself to a distance of at most 142.',
    page: 'geo-h3cell-rings-function',
    params: ['string', 'long'],
    sql: ([cell, distance]) =>
      ofH3(cell, (h3) => {
        const far = need(distance).sql;
        const steps = sql`range(toUInt16(least(greatest(ifNull(${far}, 0), 0), 142)) + 1)`;
        const rings = sql`arrayMap(__k -> ${h3List(sql`if(__k = 0, [${h3}], ${ring(h3, sql`__k`)})`)}, ${steps})`;
        return sql`if(ifNull(${far}, -1) BETWEEN 0 AND 142, concat('[', arrayStringConcat(${rings}, ','), ']'), '')`;
      }),
    examples: [['array_length(geo_h3cell_rings("861f8894fffffff", 1)[1])', '6']],
  },
  geo_h3cell_to_central_point: {
    summary: 'The centre of an H3 cell as a GeoJSON point.',
    page: 'geo-h3cell-to-central-point-function',
    params: ['string'],
    sql: ([cell]) =>
      ofH3(cell, (h3) =>
        bind(sql`__g`, sql`tuple(h3ToGeo(${h3})).1`, (g) => point(sql`${g}.2`, sql`${g}.1`)),
      ),
    examples: [['geo_h3cell_to_central_point("862a1072fffffff").type', 'Point']],
  },
  geo_h3cell_to_polygon: {
    summary: 'The border of an H3 cell as a GeoJSON polygon.',
    page: 'geo-h3cell-to-polygon-function',
    params: ['string'],
    sql: ([cell]) =>
      ofH3(cell, (h3) =>
        polygon(
          sql`arrayMap(__p -> (__p.2, __p.1), arrayPushBack(h3ToGeoBoundary(${h3}), h3ToGeoBoundary(${h3})[1]))`,
        ),
      ),
    examples: [['array_length(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0])', '7']],
  },
  geo_point_to_geohash: {
    summary: 'The geohash of a point with 1 to 12 characters, by default 5.',
    page: 'geo-point-to-geohash-function',
    params: ['real', 'real', 'long'],
    sql: ([longitude, latitude, accuracy]) => {
      if (typeof accuracy?.constant === 'bigint' && accuracy.constant > 12n && accuracy.constant <= 18n)
        throw new ArgumentFault('a geohash has at most 12 characters here');
      return pointCell(longitude, latitude, accuracy?.sql ?? sql`5`, [1, 12], (lon, lat, length) =>
        call('geohashEncode', lon, lat, sql`greatest(${length}, 1)`),
      );
    },
    examples: [['geo_point_to_geohash(-80.195829, 25.802215, 8)', 'dhwfz15h']],
  },
  geo_geohash_to_central_point: {
    summary: 'The centre of a geohash as a GeoJSON point.',
    page: 'geo-geohash-to-central-point-function',
    params: ['string'],
    sql: ([hash]) =>
      ofGeohash(hash, (h) =>
        bind(sql`__g`, sql`tuple(geohashDecode(${h})).1`, (g) => point(sql`${g}.1`, sql`${g}.2`)),
      ),
    examples: [['geo_geohash_to_central_point("sunny").coordinates', '[42.47314453125,23.70849609375]']],
  },
  geo_geohash_to_polygon: {
    summary: 'The border of a geohash as a GeoJSON polygon.',
    page: 'geo-geohash-to-polygon-function',
    params: ['string'],
    sql: ([hash]) =>
      ofGeohash(hash, (h) =>
        bind(sql`__g`, sql`geohashDecode(${h})`, (g) => {
          const [width, height] = halfSize(h);
          const corner = (east: boolean, north: boolean) =>
            sql`(${g}.1 ${east ? sql`+` : sql`-`} ${width}, ${g}.2 ${north ? sql`+` : sql`-`} ${height})`;
          const south = [corner(false, false), corner(true, false)] as const;
          return polygon(
            sql`[${south[0]}, ${south[1]}, ${corner(true, true)}, ${corner(false, true)}, ${south[0]}]`,
          );
        }),
      ),
    examples: [['geo_geohash_to_polygon("dr5ru").coordinates[0][1]', '[-73.9599609375,40.7373046875]']],
  },
  geo_geohash_neighbors: {
    summary: 'The geohashes next to a geohash.',
    page: 'geo-geohash-neighbors-function',
    params: ['string'],
    sql: ([hash]) =>
      ofGeohash(hash, (h) =>
        bind(sql`__g`, sql`geohashDecode(${h})`, (g) => {
          const [width, height] = halfSize(h);
          const steps = sql`[(-1, 0), (-1, -1), (0, -1), (1, -1), (1, 1), (1, 0), (0, 1), (-1, 1)]`;
          const lat = sql`${g}.2 + __s.2 * 2 * ${height}`;
          // East of the date line comes the far west.
          const lon = sql`${g}.1 + __s.1 * 2 * ${width}`;
          const wrapped = sql`(${lon} - 360 * floor((${lon} + 180) / 360))`;
          const onGlobe = sql`arrayFilter(__s -> abs(${lat}) <= 90, ${steps})`;
          const cells = sql`arrayMap(__s -> geohashEncode(${wrapped}, ${lat}, toUInt8(length(${h}))), ${onGlobe})`;
          return sql`concat('["', arrayStringConcat(${cells}, '","'), '"]')`;
        }),
      ),
    examples: [['array_length(geo_geohash_neighbors("sunny"))', '8']],
  },
};

/** A cell that is valid at every place where the real one may not be. */
const SOME_H3 = sql`toUInt64(${text('604222352263217151')})`;

function ofH3(cell: Argument | undefined, body: (h3: Sql) => Sql, otherwise: Sql = sql`''`): Sql {
  return bind(sql`__c`, need(cell).sql, (name) => {
    const number = sql`reinterpretAsUInt64(reverse(unhex(leftPad(${name}, 16, '0'))))`;
    const valid = sql`(match(${name}, '^[0-9a-fA-F]{1,16}$') AND h3IsValid(${number}))`;
    return sql`if(${valid}, arrayMap(__h3 -> ${body(sql`__h3`)}, [if(${valid}, ${number}, ${SOME_H3})])[1], ${otherwise})`;
  });
}

function ring(h3: Sql, distance: Sql): Sql {
  const wide = sql`h3kRing(${h3}, toUInt16(greatest(${distance}, 1)))`;
  const inner = sql`h3kRing(${h3}, toUInt16(greatest(toInt32(${distance}) - 1, 0)))`;
  return sql`if(${distance} > 1, arrayExcept(${wide}, ${inner}), arrayFilter(__n -> __n != ${h3}, ${wide}))`;
}

export function h3List(cells: Sql): Sql {
  return sql`concat('["', arrayStringConcat(arrayMap(__t -> ${sql`h3ToString(__t)`}, ${cells}), '","'), '"]')`;
}

function pointCell(
  longitude: Argument | undefined,
  latitude: Argument | undefined,
  level: Sql,
  levels: readonly [lowest: number, highest: number],
  cell: (lon: Sql, lat: Sql, level: Sql) => Sql,
): Sql {
  return bind(sql`__x`, need(longitude).sql, (x) =>
    bind(sql`__y`, need(latitude).sql, (y) =>
      bind(sql`__l`, level, (l) => {
        const [lowest, highest] = levels.map(count);
        const fits = sql`ifNull(${onEarth(x, y)} AND ${l} BETWEEN ${need(lowest)} AND ${need(highest)}, false)`;
        const safe = (value: Sql) => sql`if(${fits}, assumeNotNull(${value}), 0)`;
        return sql`if(${fits}, ${cell(sql`toFloat64(${safe(x)})`, sql`toFloat64(${safe(y)})`, sql`toUInt8(${safe(l)})`)}, '')`;
      }),
    ),
  );
}

/** At least two characters, as Kusto asks. */
function ofGeohash(hash: Argument | undefined, body: (hash: Sql) => Sql): Sql {
  return bind(
    sql`__q`,
    need(hash).sql,
    (h) => sql`if(match(${h}, '^[0-9b-hjkmnp-z]{2,12}$'), ${body(h)}, '')`,
  );
}

/** Half the width and height in degrees: five bits a character, longitude first. */
function halfSize(hash: Sql): readonly [Sql, Sql] {
  const bits = sql`(5 * length(${hash}))`;
  return [sql`(180 / exp2(intDiv(${bits} + 1, 2)))`, sql`(90 / exp2(intDiv(${bits}, 2)))`];
}

function polygon(points: Sql): Sql {
  return sql`concat('{"type":"Polygon","coordinates":[', ${lineOfPoints(points)}, ']}')`;
}
