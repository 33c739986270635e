import { joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { isRepeatable } from './bind.ts';
import { placeRoot } from './dynamic-path.ts';
import { type Folding, foldConstant, foldValue, isAscii } from './folding.ts';

/** The engine's limit for one search, less one for the backslash. */
const MAX_NEEDLES = 254;

/**
 * What must hold of the JSON text around `value` where `value` holds one of the texts: a search in the whole text costs
 * a fraction of walking it. Texts stand in JSON as they are unless there is a backslash somewhere. Nothing where `value`
 * is no place in a JSON text, or where one of the texts may be printed in another way than it is written.
 */
export function placeFilter(value: Sql, needles: readonly string[], folding: Folding): Sql[] {
  const root = placeRoot(value);
  if (root === undefined || !isRepeatable(root)) return [];
  if (needles.length === 0 || needles.length > MAX_NEEDLES) return [];
  if (!needles.every((each) => isVerbatim(each) && (folding === 'exact' || isAscii(each)))) return [];
  const wanted = [...needles.map((each) => foldConstant(each, folding)), text('\\')];
  return [sql`multiSearchAny(${foldValue(root, folding, true)}, [${joinSql(wanted, ', ')}])`];
}

/** As the engine prints them in the text of an array or a bag. */
const ESCAPED = ['u2028', 'u2029'];

/**
 * Whether a place's text that holds `needle` was written with it, as long as nothing is escaped. Numbers are printed
 * anew (`1e2` as `100`), and so is what stands between the values of arrays and bags.
 */
function isVerbatim(needle: string): boolean {
  const isNumeric = /^[0-9eE+.-]*$/.test(needle);
  // A colon of a bag has a quote before it.
  const isBetweenValues = /[{}[\]",\\\p{Cc}]|^:/u.test(needle);
  const small = needle.toLowerCase();
  const isEscape = ESCAPED.some(
    (each) => each.includes(small) || [1, 2, 3, 4, 5].some((length) => small.startsWith(each.slice(-length))),
  );
  return !isNumeric && !isBetweenValues && !isEscape;
}
