import { int64, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind, isRepeatable } from './bind.ts';

/**
 * A place inside a JSON text. The engine walks a whole path in one go, several times faster than value by value, so
 * each dynamic that is a place in another one is remembered with its path.
 */
interface JsonPath {
  /** The text walked: a dynamic, or any string whatever is in it. */
  readonly root: Sql;
  /** Keys (strings) and places (one-based, negative from the end), outermost first. */
  readonly steps: readonly Sql[];
  /** What must hold for the place to exist, beside what the engine checks by itself. */
  readonly guards: readonly Sql[];
}

/** Which fragments print a place, by identity; a fragment that is not listed is its own root. */
const PATHS = new WeakMap<Sql, JsonPath>();

/** `parse_json()` of a string: its value if it is JSON, otherwise the text as a JSON string. */
export function parsedText(source: Sql): Sql {
  const parsed = bind(sql`__j`, source, (json) => {
    const raw = sql`JSONExtractRaw(${json})`;
    return sql`multiIf(${raw} = 'null' OR ${json} = '', '', ${raw} = '', toJSONString(toValidUTF8(${json})), ${raw})`;
  });
  PATHS.set(parsed, { root: source, steps: [], guards: [] });
  return parsed;
}

/**
 * The name that a statement gives to `value`, as the same place: reached through the name, the value would be printed
 * whole and read again. The same for the text of a place. Holds only where the name and the root of the path are both
 * in scope.
 */
export function namedPlace(name: Sql, value: Sql): Sql {
  const root = ROOTS.get(value);
  if (root !== undefined) ROOTS.set(name, root);
  const texts = LISTS.get(value);
  if (texts !== undefined) LISTS.set(name, texts);
  const known = TEXTS.get(value);
  if (known !== undefined) TEXTS.set(name, known);
  const path = PATHS.get(value);
  if (path === undefined || path.guards.length > 0) return name;
  PATHS.set(name, path);
  return name;
}

/** The value of a bag's key; '' where there is none. */
export function atKey(dynamic: Sql, key: Sql): Sql {
  const path = pathOf(dynamic);
  return place({ ...path, steps: [...path.steps, key] });
}

/** By identity of a dynamic: the engine's array of texts that it prints, and the text that it is. */
const LISTS = new WeakMap<Sql, Sql>();
const TEXTS = new WeakMap<Sql, Sql>();

/** `json`, which prints the `Array(String)` that `texts` is, or one text '' where that has none. */
export function printedTexts(json: Sql, texts: Sql): Sql {
  LISTS.set(json, texts);
  return json;
}

/** The element of an array at a constant zero-based place, negative from the end; '' where there is none. */
export function atIndex(dynamic: Sql, index: bigint): Sql {
  const step = index >= 0n ? index + 1n : index;
  if (step > 2n ** 31n || step < -(2n ** 31n)) return atStep(dynamic, sql`0`);
  const element = atStep(dynamic, int64(step));
  const texts = LISTS.get(dynamic);
  if (texts !== undefined) TEXTS.set(element, sql`${texts}[${int64(step)}]`);
  return element;
}

/** The same for an index that is computed; `index` is `Nullable(Int64)`. */
export function atComputedIndex(dynamic: Sql, index: Sql): Sql {
  const step = bind(sql`__i`, index, (i) => sql`ifNull(if(${i} >= 0, ${i} + 1, ${i}), 0)`);
  return atStep(dynamic, step);
}

function atStep(dynamic: Sql, step: Sql): Sql {
  const path = pathOf(dynamic);
  // The engine also counts the members of a bag; KQL does not.
  const guard =
    path.steps.length === 0 && path.root === dynamic
      ? sql`startsWith(${dynamic}, '[')`
      : sql`JSONType(${walk(path)}) = 'Array'`;
  return place({ ...path, steps: [...path.steps, step], guards: [...path.guards, guard] });
}

/** `tostring()` of a dynamic: a string's content, anything else as JSON text. */
export function dynamicText(dynamic: Sql): Sql {
  const known = TEXTS.get(dynamic);
  if (known !== undefined) return known;
  const path = PATHS.get(dynamic);
  if (path === undefined || path.steps.length === 0) return sql`JSONExtractString(${dynamic})`;
  const value = guarded(sql`JSONExtractString(${walk(path)})`, path.guards);
  ROOTS.set(value, path.root);
  return value;
}

/** By identity of a fragment that prints the text of a place: the JSON text that the place is in. */
const ROOTS = new WeakMap<Sql, Sql>();

/** The JSON text that `value` is the text of a place of; undefined where it is none. */
export function placeRoot(value: Sql): Sql | undefined {
  return ROOTS.get(value);
}

/** The members of a bag as `Array(Tuple(String, String))` of keys and JSON texts (`null` too); [] for others. */
export function bagMembers(dynamic: Sql): Sql {
  const path = pathOf(dynamic);
  // The engine reports the members of a nested value only for bags, never for arrays.
  return path.guards.length === 0
    ? sql`JSONExtractKeysAndValuesRaw(${walk(path)})`
    : sql`JSONExtractKeysAndValuesRaw(${dynamic})`;
}

/** The elements of an array as `Array(String)` of JSON texts (`null` too); [] for others. */
export function arrayElements(dynamic: Sql): Sql {
  const path = pathOf(dynamic);
  return path.guards.length === 0
    ? sql`JSONExtractArrayRaw(${walk(path)})`
    : sql`JSONExtractArrayRaw(${dynamic})`;
}

/**
 * The elements of the array at a place as `Array(String)` of JSON texts, taken out of the text that the place is in;
 * [] for others. Undefined where the place cannot be walked to in one go.
 */
export function elementsInPlace(dynamic: Sql): Sql | undefined {
  const path = walkable(dynamic);
  return path && path.root !== dynamic ? sql`JSONExtractArrayRaw(${walk(path)})` : undefined;
}

/** The same as `tostring()` prints each; [] also where every element is null. */
export function elementTextsInPlace(dynamic: Sql): Sql | undefined {
  const path = walkable(dynamic);
  return path && sql`JSONExtract(${walk(path)}, 'Array(String)')`;
}

function walkable(dynamic: Sql): JsonPath | undefined {
  const path = pathOf(dynamic);
  const { root, steps, guards } = path;
  return guards.length === 0 && [root, ...steps].every(isRepeatable) ? path : undefined;
}

function pathOf(dynamic: Sql): JsonPath {
  return PATHS.get(dynamic) ?? { root: dynamic, steps: [], guards: [] };
}

function place(path: JsonPath): Sql {
  const raw = sql`JSONExtractRaw(${walk(path)})`;
  const value = guarded(sql`if(${raw} = 'null', '', ${raw})`, path.guards);
  PATHS.set(value, path);
  return value;
}

function walk(path: JsonPath): Sql {
  return path.steps.reduce((all, step) => sql`${all}, ${step}`, path.root);
}

function guarded(value: Sql, guards: readonly Sql[]): Sql {
  const [first, ...rest] = guards;
  if (first === undefined) return value;
  return sql`if(${rest.reduce((all, guard) => sql`${all} AND ${guard}`, first)}, ${value}, '')`;
}
