import type { Diagnostic } from '../kql/index.ts';

/**
 * A diagnostic in the words of the hunting service, without the hint that follows: clients match on the sentences that
 * name an unresolved table, column or function, and on the one for text that cannot be read. Anything else keeps the
 * binder's words. Observed in bug reports that quote answers, and in
 * https://learn.microsoft.com/defender-xdr/advanced-hunting-errors
 */
export function serviceText(query: string, { code, kind, message, start, length }: Diagnostic): string {
  if (kind === 'syntax') {
    const nothingFollows = code === OPERATOR_EXPECTED && length === 0;
    return nothingFollows ? 'Query operator expected.' : 'A recognition error occurred.';
  }
  const name = query.slice(start, start + length);
  switch (code) {
    case UNKNOWN_TABLE:
      return `${prefix(operatorAfter(query, start + length) ?? operatorAround(query, start))}${TABLE} '${name}'`;
    case UNKNOWN_NAME: {
      const operator = operatorAround(query, start);
      return operator === undefined ? `${TABLE} '${name}'` : `${prefix(operator)}${SCALAR} '${name}'`;
    }
    case UNKNOWN_FUNCTION:
      return `Unknown function: '${name}'`;
    default:
      return message.replace(/\.$/, '');
  }
}

const UNKNOWN_NAME = 'KS142';
const OPERATOR_EXPECTED = 'KS176';
const UNKNOWN_TABLE = 'KS204';
const UNKNOWN_FUNCTION = 'KS211';
const TABLE = 'Failed to resolve table or column expression named';
const SCALAR = 'Failed to resolve scalar expression named';

function prefix(operator: string | undefined): string {
  return operator === undefined ? '' : `'${operator}' operator: `;
}

const OPERATOR = /\s*([a-z][a-z-]*)/y;
/** Operators that begin a query or a subquery. */
const LEADING = /^(union|find|search|print|range|datatable|evaluate)$/;
/** What holds no operators: strings in both quotes, verbatim or not, and comments. */
const OPAQUE = /@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/[^\n]*/y;

function wordAt(query: string, place: number): string | undefined {
  OPERATOR.lastIndex = place;
  return OPERATOR.exec(query)?.[1];
}

/** The operator that a table is piped into: the service names that one when the table is unknown. */
function operatorAfter(query: string, end: number): string | undefined {
  const pipe = /^(?:\s|\/\/[^\n]*)*\|/.exec(query.slice(end))?.[0];
  return pipe === undefined ? undefined : wordAt(query, end + pipe.length);
}

/** The operator whose arguments a place stands in. */
function operatorAround(query: string, place: number): string | undefined {
  const leading = (at: number) => {
    const word = wordAt(query, at);
    return word !== undefined && LEADING.test(word) ? word : undefined;
  };
  const levels: (string | undefined)[] = [leading(0)];
  for (let at = 0; at < place; at++) {
    OPAQUE.lastIndex = at;
    const opaque = OPAQUE.exec(query)?.[0];
    if (opaque !== undefined) at += opaque.length - 1;
    else if (query[at] === '(') levels.push(leading(at + 1));
    else if (query[at] === ')') levels.pop();
    else if (query[at] === ';') levels.splice(0, levels.length, leading(at + 1));
    else if (query[at] === '|') levels[levels.length - 1] = wordAt(query, at + 1);
  }
  return levels.findLast((operator) => operator !== undefined);
}
