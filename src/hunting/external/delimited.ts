import { type Budget, ProgramFault } from '../../kql/beside/contract.ts';

/** How a delimited format is written. */
export interface Dialect {
  readonly separator: string;
  /** Fields may stand in double quotes, doubled inside. */
  readonly quotes: boolean;
  /** `\t`, `\n` and `\\` stand for what they are. */
  readonly escapes: boolean;
}

/** Source: https://learn.microsoft.com/azure/data-explorer/ingestion-supported-formats */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  csv: { separator: ',', quotes: true, escapes: false },
  tsv: { separator: '\t', quotes: true, escapes: false },
  tsve: { separator: '\t', quotes: false, escapes: true },
  psv: { separator: '|', quotes: true, escapes: false },
  scsv: { separator: ';', quotes: true, escapes: false },
  sohsv: { separator: '\u0001', quotes: true, escapes: false },
};

const LONGEST_RECORD = 16 * 1024 * 1024;

/** The fields of each record. Empty lines are none. */
export function* delimitedRecords(text: string, dialect: Dialect, budget: Budget): Generator<string[]> {
  const { separator, quotes, escapes } = dialect;
  for (let at = 0; at < text.length; ) {
    budget.check();
    const start = at;
    const record: string[] = [];
    for (;;) {
      let field: string;
      if (quotes && text[at] === '"') [field, at] = quotedField(text, at, separator);
      else [field, at] = plainField(text, at, separator);
      record.push(escapes ? unescaped(field) : field);
      if (at - start > LONGEST_RECORD) throw longRecord();
      if (text[at] !== separator) break;
      at++;
    }
    at = afterLine(text, at);
    if (record.length > 1 || record[0] !== '') yield record;
  }
}

/** The lines of a text, without their ends; a last empty one is none. */
export function* lines(text: string, budget: Budget): Generator<string> {
  for (let at = 0; at < text.length; ) {
    budget.check();
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    if (stop - at > LONGEST_RECORD) throw longRecord();
    yield text[stop - 1] === '\r' ? text.slice(at, stop - 1) : text.slice(at, stop);
    at = stop + 1;
  }
}

function plainField(text: string, from: number, separator: string): [string, number] {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return [text.slice(from, at), at];
}

/** A quote that is never closed takes the rest of the text, as any reader of CSV does. */
function quotedField(text: string, from: number, separator: string): [string, number] {
  let field = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0 || quote - from > LONGEST_RECORD) {
      if (text.length - from > LONGEST_RECORD) throw longRecord();
      return [field + text.slice(at), text.length];
    }
    field += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    const [rest, end] = plainField(text, quote + 1, separator);
    return [field + rest, end];
  }
}

function afterLine(text: string, at: number): number {
  if (text[at] === '\r') return text[at + 1] === '\n' ? at + 2 : at + 1;
  return at + 1;
}

function unescaped(field: string): string {
  return field.replace(/\\([tnr\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

function longRecord(): ProgramFault {
  return new ProgramFault(`a record that \`externaldata\` read has more than ${LONGEST_RECORD} characters`);
}
