import { bagMember, type EventSource, type Field } from './event-source.ts';
import { allOf, anyOf, FALSE, type Part, quote, TRUE } from './kql.ts';
import { type FieldTest, SigmaFault, type Value } from './rule.ts';
import { type Comparison, comparisonOf } from './values.ts';
import { type Piece, pieces, plainText, regexOf } from './wildcards.ts';

/** KQL for one test of a field of these events. */
export function testOf(test: FieldTest, source: EventSource): Part {
  const comparison = comparisonOf(test);
  const fixed = source.constants[test.field];
  if (fixed !== undefined) return fixedTest(fixed, comparison);
  const field = fieldOf(test.field, source);
  return field instanceof SigmaFault ? field : fieldTest(field, comparison, source, test.field);
}

/** KQL for words that stand anywhere in the event. */
export function wordsOf(values: readonly Value[], all: boolean, source: EventSource): Part {
  if (!source.open)
    return new SigmaFault('keywords', `words without a field cannot be looked for in ${source.table}`);
  const parts = values.map((value) => {
    // Inside the JSON text of the event, quotes and backslashes are escaped.
    const parts = pieces(String(value ?? '')).map((piece) =>
      'text' in piece ? { text: JSON.stringify(piece.text).slice(1, -1) } : piece,
    );
    return textTest('tostring(AdditionalFields)', [WILD, ...parts, WILD], false);
  });
  return all ? allOf(parts) : anyOf(parts);
}

function fieldOf(name: string, source: EventSource): Field | SigmaFault {
  const known = source.fields[name];
  if (known !== undefined) return known;
  if (source.open) return { kql: bagMember(name) };
  return new SigmaFault(name, `the field \`${name}\` is not kept in ${source.table}`);
}

/** The value is known for these events: the test is decided here. */
function fixedTest(fixed: string, { how, all, values }: Comparison): Part {
  if (how === 'exists') return values[0] === true || values[0] === 'true' ? TRUE : FALSE;
  const matches = values.map((value) => {
    const parts = around(pieces(String(value ?? '')), how);
    return new RegExp(regexOf(parts, true).replace('(?s)', ''), 'is').test(fixed);
  });
  return (all ? matches.every(Boolean) : matches.some(Boolean)) ? TRUE : FALSE;
}

function fieldTest(field: Field, comparison: Comparison, source: EventSource, name: string): Part {
  const { how, values, all } = comparison;
  if (how === 'exists')
    return values[0] === true || values[0] === 'true' ? `isnotempty(${field.kql})` : `isempty(${field.kql})`;
  const plain = all || comparison.cased || how !== 'equals' ? undefined : plainValues(field, values);
  if (plain !== undefined) return plain;
  const parts = values.map((value) => valueTest(field, value, comparison, source, name));
  return all ? allOf(parts) : anyOf(parts);
}

/** Several whole values in one list. */
function plainValues(field: Field, values: readonly Value[]): Part | undefined {
  if (values.length < 2) return undefined;
  const texts = values.map((value) => (value === null ? '' : plainText(pieces(String(value)))));
  if (
    texts.some(
      (text) => text === undefined || text === '' || text === '-' || field.special?.(text) !== undefined,
    )
  )
    return undefined;
  const stored = texts.map((text) => storedText(field, text as string)).filter((text) => text !== undefined);
  return stored.length === 0 ? FALSE : `${field.kql} in~ (${stored.map(quote).join(', ')})`;
}

function storedText(field: Field, text: string): string | undefined {
  return field.store === undefined ? text : field.store(text);
}

function valueTest(
  field: Field,
  value: Value,
  comparison: Comparison,
  source: EventSource,
  name: string,
): Part {
  const { kql } = field;
  if (value === null) return `isempty(${kql})`;
  const text = String(value);
  switch (comparison.how) {
    case 're':
      return regexTest(kql, text, comparison.flags, name);
    case 'cidr':
      // An address of the other kind is in no such network; KQL's null would also undo a `not`.
      return `coalesce(${text.includes(':') ? 'ipv6_is_match' : 'ipv4_is_in_range'}(${kql}, ${quote(text)}), false)`;
    case 'number': {
      if (!/^-?\d+(\.\d+)?$/.test(text))
        return new SigmaFault(name, `\`${text}\` is no number to compare \`${name}\` with`);
      return `todouble(${kql}) ${comparison.operator} ${text}`;
    }
    case 'fieldref': {
      const other = fieldOf(text, source);
      if (other instanceof SigmaFault) return other;
      return `${kql} ${comparison.refHow === 'equals' ? '=~' : comparison.refHow} ${other.kql}`;
    }
    default:
      return placedTest(field, pieces(text), comparison);
  }
}

function placedTest(field: Field, written: readonly Piece[], { how, cased }: Comparison): Part {
  const [first] = written;
  const special = field.special?.(plainText(written) ?? '');
  if (special !== undefined) return special;
  // Windows writes `-` for nothing, and ingestion stores nothing.
  if (how === 'equals' && plainText(written) === '-') return `isempty(${field.kql})`;
  if (first === undefined) return how === 'equals' ? `isempty(${field.kql})` : TRUE;
  // Only the beginning of a stored value can be spelt otherwise, and only a whole value can be another word.
  const whole = plainText(written);
  let parts = written;
  if (field.store !== undefined && how === 'equals' && whole !== undefined) {
    const stored = field.store(whole);
    if (stored === undefined) return FALSE;
    parts = stored === '' ? [] : [{ text: stored }];
    if (parts.length === 0) return `isempty(${field.kql})`;
  } else if (field.store !== undefined && (how === 'equals' || how === 'startswith') && 'text' in first) {
    const stored = field.store(first.text);
    if (stored === undefined) return FALSE;
    parts = [{ text: stored }, ...written.slice(1)];
  } else if (field.storePart !== undefined && 'text' in first) {
    parts = [{ text: field.storePart(first.text) }, ...written.slice(1)];
  }
  return textTest(field.kql, around(parts, how), cased);
}

const WILD: Piece = { wild: '*' };

function around(parts: readonly Piece[], how: Comparison['how']): readonly Piece[] {
  return [
    ...(how === 'contains' || how === 'endswith' ? [WILD] : []),
    ...parts,
    ...(how === 'contains' || how === 'startswith' ? [WILD] : []),
  ];
}

/** The shortest KQL for a text with wildcards. */
function textTest(kql: string, written: readonly Piece[], cased: boolean): Part {
  const parts = written.filter((part, i) => !(isStar(part) && isStar(written[i - 1])));
  const middle = parts.slice(
    isStar(parts[0]) ? 1 : 0,
    isStar(parts.at(-1)) && parts.length > 1 ? -1 : undefined,
  );
  const text = plainText(middle);
  if (text === undefined) return `${kql} matches regex ${quote(regexOf(parts, cased))}`;
  if (text === '') return parts.length > 0 ? `isnotempty(${kql})` : `isempty(${kql})`;
  const [before, after] = [isStar(parts[0]), isStar(parts.at(-1))];
  const operator = before && after ? 'contains' : before ? 'endswith' : after ? 'startswith' : undefined;
  if (operator === undefined) return `${kql} ${cased ? '==' : '=~'} ${quote(text)}`;
  return `${kql} ${operator}${cased ? '_cs' : ''} ${quote(text)}`;
}

function isStar(part: Piece | undefined): boolean {
  return part !== undefined && 'wild' in part && part.wild === '*';
}

function regexTest(kql: string, pattern: string, flags: string, name: string): Part {
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]|\(\?>|[*+?}]\+/.test(pattern)) {
    return new SigmaFault('re', `the expression for \`${name}\` looks around or back, which KQL's cannot`);
  }
  return `${kql} matches regex ${quote(flags === '' ? pattern : `(?${flags})${pattern}`)}`;
}
