import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import { parseRegex, type Regex } from './regex-syntax.ts';
import type { Argument } from './registry.ts';

/** The argument's regular expression where it is a constant. Throws `ArgumentFault` where it is malformed. */
export function constantRegex(argument: Argument): Regex | undefined {
  return typeof argument.constant === 'string' ? parseRegex(argument.constant) : undefined;
}

/**
 * A pattern that is known only in the engine: `use` gets it guarded, `otherwise` is the answer for patterns that RE2
 * may refuse. The engine cannot say whether a pattern is valid, and fails the whole query for one that is not; so a
 * pattern of patterns decides, which knows groups in groups up to a depth of three.
 */
export function guarded(pattern: Sql, use: (pattern: Sql) => Sql, otherwise: Sql): Sql {
  const usable = sql`length(${pattern}) <= 500 AND match(${pattern}, ${text(USABLE)})`;
  return sql`if(${usable}, ${use(sql`concat('(?-s)', if(${usable}, ${pattern}, ''))`)}, ${otherwise})`;
}

export function matchesRegex(value: Argument, pattern: Argument): Sql {
  const regex = constantRegex(pattern);
  if (regex) return sql`match(${value.sql}, ${text(regex.re2)})`;
  return guarded(pattern.sql, (usable) => sql`match(${value.sql}, ${usable})`, sql`0`);
}

const USABLE = usablePattern();

function usablePattern(): string {
  const escaped = '\\\\(?:[dDwWsSbBtnrfvAz]|[!-/:-@[-`{-~])';
  const plain = '[^\\\\\\[\\](){}*+?|]';
  const member = '(?:0-9|a-z|A-Z|a-f|A-F|[^\\\\\\[\\]-]|\\\\[dwsDWStnr]|\\\\[!-/:-@[-`{-~])';
  const set = `\\[\\^?${member}+-?\\]`;
  const once = '(?:[*+?]\\??)?';
  const single = `(?:(?:${escaped}|${set}|${plain})(?:[*+?]\\??|\\{[0-9]{1,2}\\})?)`;
  const sequence = (inner: string) => `(?:${inner})*(?:\\|(?:${inner})*)*`;
  let inner = single;
  for (let depth = 0; depth < 3; depth++) inner = `${single}|\\((?:\\?i?:)?${sequence(inner)}\\)${once}`;
  return `^(?:\\(\\?i\\))?${sequence(inner)}$`;
}
