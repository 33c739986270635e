import type { Sql } from '../../clickhouse/sql.ts';
import { need } from './operand.ts';
import type { ScalarFunction } from './registry.ts';

type Examples = NonNullable<ScalarFunction['examples']>;

/** Takes texts (other values as `tostring` gives them), and is never null. */
export function ofTexts(
  summary: string,
  page: string,
  make: (...args: Sql[]) => Sql,
  ...examples: Examples
): ScalarFunction {
  return {
    summary,
    page,
    params: ['string'],
    nulls: 'never',
    sql: (args) => make(...args.map((each) => each.sql)),
    examples,
  };
}

/** The same of one text. */
export function ofText(
  summary: string,
  page: string,
  make: (value: Sql) => Sql,
  ...examples: Examples
): ScalarFunction {
  return ofTexts(summary, page, (value) => make(need(value)), ...examples);
}
