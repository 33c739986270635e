import { type AnswerText, cutAnswer, cutObject } from './answer.ts';

/** Ways of printing an answer: its whole text in, the text for standard output out, a line break at its end. */
export const FORMATS: Readonly<Record<string, (body: string) => string>> = {
  table: (body) => asTable(cutAnswer(body)),
  json: (body) => `${body}\n`,
  csv: (body) => asCsv(cutAnswer(body)),
  ndjson: (body) =>
    cutAnswer(body)
      .rows.map((row) => `${row}\n`)
      .join(''),
};

function asCsv({ columns, rows }: AnswerText): string {
  const lines = [columns.map(({ Name }) => Name), ...rows.map(cellsOf)];
  return lines.map((cells) => `${cells.map(quoteCsv).join(',')}\r\n`).join('');
}

/** RFC 4180. */
function quoteCsv(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const MAX_WIDTH = 80;

function asTable({ columns, rows }: AnswerText): string {
  const names = columns.map(({ Name }) => Name);
  const cells = rows.map((row) => cellsOf(row).map(oneLine));
  const widths = names.map((name, i) => Math.max(name.length, ...sizes(cells, i)));
  const numeric = columns.map(({ Type }) => /^(Int|Double|Decimal|TimeSpan)/.test(Type));
  const line = (values: readonly string[]) =>
    values
      .map((value, i) => (numeric[i] ? value.padStart(widths[i] ?? 0) : value.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const ruler = widths.map((width) => '-'.repeat(width)).join('  ');
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  return `${[line(names), ruler, ...cells.map(line), '', count].join('\n')}\n`;
}

function* sizes(rows: readonly (readonly string[])[], column: number): Generator<number> {
  // The first rows decide: an argument list has no room for 100,000.
  for (const row of rows.slice(0, 10_000)) yield row[column]?.length ?? 0;
}

function oneLine(text: string): string {
  // Control characters of an attacker's making must not reach a terminal.
  const clean = text.replace(/\p{Cc}+/gu, ' ');
  return clean.length > MAX_WIDTH ? `${clean.slice(0, MAX_WIDTH - 1)}…` : clean;
}

/** Cells of one row as plain text: strings without quotes, null as nothing, the rest as JSON. */
function cellsOf(row: string): string[] {
  return cutObject(row).map(([, token]) => {
    if (token === 'null') return '';
    return token.startsWith('"') ? JSON.parse(token) : token;
  });
}
