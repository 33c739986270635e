import { type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { arrayElements, bagMembers, elementsInPlace, elementTextsInPlace } from './dynamic-path.ts';

/**
 * What a dynamic expands to, as `Array(String)` of JSON texts: the elements of an array, one bag per member of a bag,
 * the value itself otherwise. Null is one null; `[]` and `{}` are nothing.
 * Source: https://learn.microsoft.com/kusto/query/mv-expand-operator
 */
export function expanded(dynamic: Sql): Sql {
  return mostly(elementsInPlace(dynamic), anything(dynamic));
}

/** The same, each as `tostring()` prints it. */
export function expandedTexts(dynamic: Sql): Sql {
  const texts = sql`arrayMap(__e -> if(__e = 'null', '', JSONExtractString(__e)), ${anything(dynamic)})`;
  return mostly(elementTextsInPlace(dynamic), texts);
}

/**
 * Elements that the engine takes out of the text around them in one go are the elements of an array. Where there are
 * none the value is looked at by itself: the engine does so only for the rows that need it.
 */
function mostly(elements: Sql | undefined, otherwise: Sql): Sql {
  return elements === undefined ? otherwise : sql`if(notEmpty(${elements}), ${elements}, ${otherwise})`;
}

function anything(dynamic: Sql): Sql {
  return bind(sql`__x`, dynamic, (json) => {
    const members = sql`arrayMap(__m -> concat('{', toJSONString(__m.1), ':', __m.2, '}'), ${bagMembers(json)})`;
    return sql`multiIf(${json} = '', ['null'], startsWith(${json}, '['), ${arrayElements(json)}, startsWith(${json}, '{'), ${members}, [${json}])`;
  });
}
