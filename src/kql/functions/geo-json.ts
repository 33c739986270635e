import { type Sql, sql } from '../../clickhouse/sql.ts';

/** True where the degrees name a place on Earth; null where one is missing. */
export function onEarth(longitude: Sql, latitude: Sql): Sql {
  return sql`(abs(${longitude}) <= 180 AND abs(${latitude}) <= 90)`;
}

/** A GeoJSON point. https://www.rfc-editor.org/rfc/rfc7946 */
export function point(longitude: Sql, latitude: Sql): Sql {
  return sql`concat('{"type":"Point","coordinates":[', toString(${longitude}), ',', toString(${latitude}), ']}')`;
}

/** `[[lon,lat],...]` of an array of pairs, longitude first. */
export function lineOfPoints(points: Sql): Sql {
  return sql`concat('[', arrayStringConcat(arrayMap(__w -> concat('[', toString(__w.1), ',', toString(__w.2), ']'), ${points}), ','), ']')`;
}

/** The positions of one GeoJSON line or ring, as pairs of reals, longitude first. */
export function positions(json: Sql): Sql {
  return sql`arrayMap(__w -> (JSONExtractFloat(__w, 1), JSONExtractFloat(__w, 2)), JSONExtractArrayRaw(${json}))`;
}
