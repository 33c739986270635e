import { call, count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { need } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';

/**
 * The format is a constant and is taken apart here. Letters are read greedily from the left, the longest form first:
 * `dddd` is the day twice, there are no names of days or months.
 */
export const dateFormat: FunctionFamily = {
  format_datetime: {
    summary: 'A datetime as text in a given format.',
    page: 'format-datetime-function',
    params: ['datetime', 'string'],
    nulls: 'never',
    sql: ([date, format]) => {
      const tokens = tokensOf(format, DATE_FORMS);
      // `2020-06-15 13:45:09.1234567`: every padded part is a piece of this text.
      return bind(sql`__s`, sql`ifNull(toString(${need(date).sql}), '')`, (whole) =>
        orEmpty(whole, concatenated(mergeRuns(tokens).map((token) => datePiece(token, whole)))),
      );
    },
    examples: [
      ['format_datetime(datetime(2017-01-29 09:00:05), "yy-MM-dd [HH:mm:ss]")', '17-01-29 [09:00:05]'],
      ['format_datetime(datetime(2020-06-15 13:45:09), "M/d/yyyy h:mm:ss tt")', '6/15/2020 1:45:09 PM'],
    ],
  },
  format_timespan: {
    summary: 'A timespan as text in a given format; a negative one starts with a minus.',
    page: 'format-timespan-function',
    params: ['timespan', 'string'],
    nulls: 'never',
    sql: ([span, format]) => {
      const tokens = tokensOf(format, SPAN_FORMS);
      return bind(sql`__t`, need(span).sql, (ticks) => {
        const pieces = concatenated(tokens.map((token) => spanPiece(token, sql`abs(${ticks})`)));
        return sql`ifNull(concat(if(${ticks} < 0, '-', ''), ${pieces}), '')`;
      });
    },
    examples: [
      ['format_timespan(time(29.09:00:05.12345), "dd.hh:mm:ss:FF")', '29.09:00:05:12'],
      ['format_timespan(-2h - 30m, "hh:mm")', '-02:30'],
    ],
  },
};

type Token =
  | { readonly kind: 'form'; readonly form: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slice'; readonly from: number; readonly length: number };

const SEPARATORS = ' /-:,._[]';
const FRACTIONS = ['fffffff', 'ffffff', 'fffff', 'ffff', 'fff', 'ff', 'f'];
const TRIMMED = FRACTIONS.map((form) => form.toUpperCase());
const CLOCK = ['HH', 'H', 'hh', 'h', 'mm', 'm', 'ss', 's'];
const DATE_FORMS = ['yyyy', 'yy', 'y', 'MM', 'M', 'dd', 'd', 'tt', ...CLOCK, ...FRACTIONS, ...TRIMMED];
const DAYS = Array.from({ length: 8 }, (_, i) => 'd'.repeat(8 - i));
const SPAN_FORMS = [...DAYS, ...CLOCK, ...FRACTIONS, ...TRIMMED];

function tokensOf(format: Argument | undefined, forms: readonly string[]): readonly Token[] {
  if (typeof format?.constant !== 'string') throw new ArgumentFault('the format must be a constant');
  const tokens: Token[] = [];
  for (let rest = format.constant; rest !== ''; ) {
    const form = forms.find((candidate) => rest.startsWith(candidate));
    const first = rest.slice(0, 1);
    if (form === undefined && !SEPARATORS.includes(first)) {
      throw new ArgumentFault(`\`${first}\` is no part of a time format`);
    }
    tokens.push(form === undefined ? { kind: 'text', text: first } : { kind: 'form', form });
    rest = rest.slice(form?.length ?? 1);
  }
  return tokens;
}

/** Where each padded part stands in `2020-06-15 13:45:09.1234567`, counted from 1. */
const PLACES: Readonly<Record<string, number>> = { yyyy: 1, yy: 3, MM: 6, dd: 9, HH: 12, mm: 15, ss: 18 };
const SHAPE = '####-##-## ##:##:##.#######';

/** Joins parts and separators that stand side by side in the whole text: `yyyy-MM-dd` is one piece of it. */
function mergeRuns(tokens: readonly Token[]): readonly Token[] {
  const merged: Token[] = [];
  for (const token of tokens) {
    const slice = sliceOf(token);
    const last = merged.at(-1);
    const end = last?.kind === 'slice' ? last.from + last.length : undefined;
    if (last?.kind === 'slice' && slice !== undefined && slice.from === end) {
      merged[merged.length - 1] = { ...last, length: last.length + slice.length };
    } else if (last?.kind === 'slice' && token.kind === 'text' && SHAPE[(end ?? 0) - 1] === token.text) {
      merged[merged.length - 1] = { ...last, length: last.length + 1 };
    } else merged.push(slice ?? token);
  }
  return merged;
}

function sliceOf(token: Token): (Token & { kind: 'slice' }) | undefined {
  if (token.kind !== 'form') return undefined;
  const from = token.form.startsWith('f') ? 21 : PLACES[token.form];
  return from === undefined ? undefined : { kind: 'slice', from, length: token.form.length };
}

function datePiece(token: Token, whole: Sql): Sql {
  if (token.kind === 'text') return text(token.text);
  if (token.kind === 'slice') return call('substring', whole, count(token.from), count(token.length));
  const number = (from: number) => sql`toUInt8OrZero(${call('substring', whole, count(from), count(2))})`;
  const hour = number(12);
  const form = token.form;
  if (form.startsWith('F')) return trimmed(call('substring', whole, count(21), count(form.length)));
  switch (form) {
    case 'tt':
      return sql`if(${hour} < 12, 'AM', 'PM')`;
    case 'h':
      return sql`toString((${hour} + 11) % 12 + 1)`;
    case 'hh':
      return sql`leftPad(toString((${hour} + 11) % 12 + 1), 2, '0')`;
    default:
      return sql`toString(${number(PLACES[form === 'y' ? 'yy' : form.repeat(2)] ?? 1)})`;
  }
}

function spanPiece(token: Token, ticks: Sql): Sql {
  if (token.kind !== 'form') return text(token.kind === 'text' ? token.text : '');
  const form = token.form;
  const letter = form.slice(0, 1);
  if (letter === 'f' || letter === 'F') {
    const digits = sql`leftPad(toString(${ticks} % 10000000), 7, '0')`;
    const cut = call('substring', digits, count(1), count(form.length));
    return letter === 'f' ? cut : trimmed(cut);
  }
  const value = SPAN_VALUES[letter]?.(ticks) ?? sql`intDiv(${ticks}, 864000000000)`;
  if (form.length === 1) return sql`toString(${value})`;
  return bind(
    sql`__v`,
    sql`toString(${value})`,
    (digits) => sql`leftPad(${digits}, greatest(length(${digits}), ${count(form.length)}), '0')`,
  );
}

const hours = (ticks: Sql): Sql => sql`intDiv(${ticks}, 36000000000) % 24`;
const SPAN_VALUES: Readonly<Record<string, (ticks: Sql) => Sql>> = {
  h: hours,
  H: hours,
  m: (ticks) => sql`intDiv(${ticks}, 600000000) % 60`,
  s: (ticks) => sql`intDiv(${ticks}, 10000000) % 60`,
};

function trimmed(digits: Sql): Sql {
  return sql`replaceRegexpOne(${digits}, '0+$', '')`;
}

function concatenated(pieces: readonly Sql[]): Sql {
  const [only, second] = pieces;
  if (only === undefined) return text('');
  return second === undefined ? only : call('concat', ...pieces);
}

function orEmpty(whole: Sql, value: Sql): Sql {
  return sql`if(empty(${whole}), '', ${value})`;
}
