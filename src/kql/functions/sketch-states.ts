import { count, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';

/**
 * The states that `hll` and `tdigest` leave behind, as dynamics. They are plain JSON arrays and worked on by plain
 * array functions, so that a state from elsewhere can be wrong but never break the engine.
 *
 * hll: `[cells as a power of two, [hashes], [cells], [ranks]]`: the 64-bit hashes themselves while they are few, later
 * each cell's highest rank. A cell is a hash's high bits, its rank the place of the lowest bit that is set, so a state
 * turns into a coarser one without its values.
 * tdigest: `[[7], [values], [weights]]`, sorted by value: all values while they are few, later those at even distances.
 */
const HLL = sql`'Tuple(UInt8, Array(UInt64), Array(UInt32), Array(UInt8))'`;
const DIGEST = sql`'Tuple(Array(Float64), Array(Float64), Array(Float64))'`;

/** How many values a digest keeps. */
const MOST_VALUES = sql`4096`;

/** A state of `2^power` cells from hashes that are known to be all, or from cells if there are more than fit. */
export function hllState(power: number, hashes: Sql, cells: Sql): Sql {
  const few = bind(sql`__h`, hashes, (all) => sql`if(length(${all}) <= ${count(fewest(power))}, ${all}, [])`);
  return bind(
    sql`__f`,
    few,
    (exact) =>
      sql`if(notEmpty(${exact}), ${hllText(count(power), exact, sql`[]`, sql`[]`)}, ${bind(
        sql`__m`,
        cells,
        (map) =>
          sql`if(empty(${map}.1), '', ${hllText(count(power), sql`[]`, sql`${map}.1`, sql`${map}.2`)})`,
      )})`,
  );
}

/** How many hashes a state holds at most: https://learn.microsoft.com/kusto/query/dcount-aggregation-function */
export function fewest(power: number): number {
  return power >= 16 ? 8000 : 1000;
}

export function cellOf(hash: Sql, power: Sql): Sql {
  return sql`toUInt32(bitShiftRight(${hash}, 64 - ${power}))`;
}

export function rankOf(hash: Sql): Sql {
  return sql`bitCount(bitXor(${hash}, ${hash} - 1))`;
}

/** One state from an array of them; '' where none is valid. The coarsest decides. */
export function mergedHll(states: Sql): Sql {
  const parsed = sql`arrayFilter(__s -> ${isHll(sql`__s`)}, arrayMap(__t -> JSONExtract(__t, ${HLL}), ${states}))`;
  return once(sql`__all`, parsed, (all) => {
    const power = sql`arrayMin(tupleElement(${all}, 1))`;
    const hashes = sql`arrayDistinct(arrayFlatten(tupleElement(${all}, 2)))`;
    const merged = once(sql`__p`, power, (p) =>
      once(sql`__h`, hashes, (h) => {
        const cells = sql`arrayConcat(arrayFlatten(arrayMap((__power, __cells) -> arrayMap(__b -> bitShiftRight(__b, __power - ${p}), __cells), tupleElement(${all}, 1), tupleElement(${all}, 3))), arrayMap(__x -> ${cellOf(sql`__x`, p)}, ${h}))`;
        const ranks = sql`arrayConcat(arrayFlatten(tupleElement(${all}, 4)), arrayMap(__x -> ${rankOf(sql`__x`)}, ${h}))`;
        const highest = sql`arrayReduce('maxMap', arrayMap(__b -> [__b], ${cells}), arrayMap(__r -> [__r], ${ranks}))`;
        const exact = sql`arrayAll(__s -> empty(__s.3), ${all}) AND length(${h}) <= if(${p} >= 16, 8000, 1000)`;
        const coarse = once(sql`__m`, highest, (map) => hllText(p, sql`[]`, sql`${map}.1`, sql`${map}.2`));
        return sql`if(${exact}, ${hllText(p, h, sql`[]`, sql`[]`)}, ${coarse})`;
      }),
    );
    return sql`if(empty(${all}), '', ${merged})`;
  });
}

/**
 * How many different values a state has seen; NULL where it is none. Few values are counted by the cells that are
 * still free: Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007.
 */
export function hllEstimate(state: Sql): Sql {
  return once(sql`__s`, sql`JSONExtract(${state}, ${HLL})`, (s) => {
    const all = sql`exp2(${s}.1)`;
    const free = sql`(${all} - length(${s}.3))`;
    const raw = sql`0.7213 / (1 + 1.079 / ${all}) * ${all} * ${all} / (${free} + arraySum(__r -> exp2(-toFloat64(__r)), ${s}.4))`;
    const estimate = once(
      sql`__e`,
      raw,
      (e) =>
        sql`toInt64(round(if(${e} <= 2.5 * ${all} AND ${free} > 0, ${all} * log(${all} / ${free}), ${e})))`,
    );
    const value = sql`if(empty(${s}.3), toInt64(length(${s}.2)), ${estimate})`;
    return sql`if(${isHll(s)}, ${value}, CAST(NULL, 'Nullable(Int64)'))`;
  });
}

/**
 * A digest from an array of `(value, weight)`; '' where it is empty. No lambda reads a whole array from outside: the
 * engine would copy it for every element.
 */
export function digestState(weighted: Sql): Sql {
  return once(sql`__d`, sql`arraySort(${weighted})`, (all) => {
    const values = sql`tupleElement(${all}, 1)`;
    const weights = sql`tupleElement(${all}, 2)`;
    const thinned = once(sql`__c`, sql`arrayCumSum(${weights})`, (sums) =>
      once(sql`__t`, sql`${sums}[-1]`, (total) => {
        const buckets = sql`arrayMap(__x -> floor((__x - 1) * ${MOST_VALUES} / ${total}), ${sums})`;
        const kept = sql`arrayFilter((__x, __b, __next, __i) -> __i = 1 OR __b != __next, arrayZip(${values}, ${sums}), __own, arrayPushBack(arrayPopFront(__own), -1.), arrayEnumerate(__own))`;
        const pairs = sql`arrayMap(__own -> ${kept}, [${buckets}])[1]`;
        return once(sql`__k`, pairs, (k) => {
          const sizes = sql`arrayPopFront(arrayDifference(arrayPushFront(tupleElement(${k}, 2), 0.)))`;
          return digestText(sql`tupleElement(${k}, 1)`, sizes);
        });
      }),
    );
    const whole = digestText(values, weights);
    return sql`multiIf(empty(${all}), '', length(${all}) <= ${MOST_VALUES}, ${whole}, ${thinned})`;
  });
}

/** One digest from an array of them. */
export function mergedDigest(states: Sql): Sql {
  const pairs = sql`arrayMap(__t -> ${digestPairs(sql`__t`)}, ${states})`;
  return digestState(sql`arrayFlatten(${pairs})`);
}

/** The nearest-rank percentile of a digest as JSON text; '' where there is none. */
export function digestPercentile(state: Sql, percentage: Sql): Sql {
  return once(sql`__d`, sql`JSONExtract(${state}, ${DIGEST})`, (d) => {
    const rank = sql`ifNull(${percentage}, nan) / 100 * arraySum(${d}.3) * (1 - 1e-12)`;
    const found = once(
      sql`__w`,
      rank,
      (w) => sql`${d}.2[greatest(1, arrayFirstIndex(__x -> __x >= ${w}, arrayCumSum(${d}.3)))]`,
    );
    return sql`if(empty(${d}.2) OR isNaN(ifNull(${percentage}, nan)), '', toString(${found}))`;
  });
}

/** How many of a digest's values are no larger; NULL where there are none. */
export function digestRank(state: Sql, value: Sql): Sql {
  return once(
    sql`__d`,
    sql`JSONExtract(${state}, ${DIGEST})`,
    (d) =>
      sql`if(empty(${d}.2) OR isNull(${value}), CAST(NULL, 'Nullable(Float64)'), arraySum((__x, __w) -> if(__x <= ifNull(${value}, 0), __w, 0.), ${d}.2, ${d}.3))`,
  );
}

/** The sum of a digest's weights. */
export function digestWeight(state: Sql): Sql {
  return sql`arraySum(JSONExtract(${state}, ${DIGEST}).3)`;
}

function digestPairs(state: Sql): Sql {
  return once(
    sql`__d`,
    sql`JSONExtract(${state}, ${DIGEST})`,
    (d) => sql`if(length(${d}.2) = length(${d}.3), arrayZip(${d}.2, ${d}.3), [])`,
  );
}

function isHll(parsed: Sql): Sql {
  return sql`(${parsed}.1 BETWEEN 4 AND 24 AND length(${parsed}.3) = length(${parsed}.4))`;
}

function hllText(power: Sql, hashes: Sql, cells: Sql, ranks: Sql): Sql {
  return sql`concat('[', toString(${power}), ',', ${numbers(hashes)}, ',', ${numbers(cells)}, ',', ${numbers(ranks)}, ']')`;
}

function digestText(values: Sql, weights: Sql): Sql {
  return sql`concat('[[7],', ${numbers(values)}, ',', ${numbers(weights)}, ']')`;
}

function numbers(array: Sql): Sql {
  return sql`concat('[', arrayStringConcat(arrayMap(__n -> toString(__n), ${array}), ','), ']')`;
}

/** As `bind`, whatever the length: an aggregate or a parse must not be written twice. */
function once(variable: Sql, value: Sql, body: (value: Sql) => Sql): Sql {
  return sql`arrayMap(${variable} -> ${body(variable)}, [${value}])[1]`;
}
