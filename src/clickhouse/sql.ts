/**
 * The only maker of SQL text. A plain string can never be spliced into a fragment: text enters as a literal or an
 * identifier, both escaped here. Every fragment carries the binding strength of its outermost operator, so that
 * parentheses are computed.
 */
export class Sql {
  readonly text: string;
  readonly strength: number;
  // Nominal: an object of the same shape is not an Sql.
  readonly #brand = true;

  private constructor(text: string, strength: number) {
    this.text = text;
    this.strength = strength;
  }

  static #make(text: string, strength: number): Sql {
    return new Sql(text, strength);
  }

  static is(value: unknown): value is Sql {
    return typeof value === 'object' && value !== null && #brand in value;
  }

  /** For this file's makers only: `trusted` is a template written in source code, never data. */
  static fromTemplate(parts: readonly string[], values: readonly Sql[], strength: number): Sql {
    let text = parts[0] ?? '';
    for (let i = 0; i < values.length; i++) text += (values[i] as Sql).text + (parts[i + 1] ?? '');
    return Sql.#make(text, strength);
  }
}

/**
 * A whole statement from text that this file's fragments were printed to, in another thread: the way back over a
 * border that objects do not survive. Never for text from anywhere else.
 */
export function reviveStatement(printed: string): Sql {
  return Sql.fromTemplate([printed], [], Strength.statement);
}

/** Binding strengths of ClickHouse's operators, weakest first. */
export const Strength = {
  statement: 0,
  or: 10,
  and: 20,
  not: 30,
  comparison: 40,
  additive: 60,
  multiplicative: 70,
  unary: 80,
  atom: 100,
} as const;

/**
 * A fragment from a template of the source code, which counts as an atom. Values are spliced as they are: write a
 * template whose own delimiters hold them (`f(${a}, ${b})`), or use `sqlOp`, which adds the parentheses needed.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly Sql[]): Sql {
  return Sql.fromTemplate(parts, values, Strength.atom);
}

/** A template whose outermost operator binds with `strength`. */
export function sqlOp(strength: number): (parts: TemplateStringsArray, ...values: readonly Sql[]) => Sql {
  return (parts, ...values) =>
    Sql.fromTemplate(
      parts,
      values.map((value) => parenthesize(value, strength + 1)),
      strength,
    );
}

/** The fragment itself, or in parentheses where it binds weaker than `strength`. */
export function parenthesize(value: Sql, strength: number = Strength.atom): Sql {
  return value.strength >= strength ? value : sql`(${value})`;
}

/** Fragments with a separator of the source code between them. */
export function joinSql(
  values: readonly Sql[],
  separator: ', ' | ' AND ' | ' OR ' | '\n' | ' ' | ' UNION ALL ',
): Sql {
  if (values.length === 0) return Sql.fromTemplate([''], [], Strength.atom);
  const parts = ['', ...values.slice(1).map(() => separator), ''];
  const strength =
    separator === ' OR ' ? Strength.or : separator === ' AND ' ? Strength.and : Strength.statement;
  const inner =
    strength === Strength.statement ? values : values.map((value) => parenthesize(value, strength + 1));
  return Sql.fromTemplate(parts, inner, values.length === 1 ? (values[0] as Sql).strength : strength);
}

/** A quoted identifier. Throws on an empty name: ClickHouse has none. */
export function ident(name: string): Sql {
  if (name === '') throw new Error('an identifier cannot be empty');
  return Sql.fromTemplate([`\`${escapeInside(name, '`')}\``], [], Strength.atom);
}

/** A string literal. Any text survives, NUL and lone surrogates (as U+FFFD) included. */
export function text(value: string): Sql {
  return Sql.fromTemplate([`'${escapeInside(value.toWellFormed(), "'")}'`], [], Strength.atom);
}

/** A whole-number literal of up to 64 bits, typed so that ClickHouse does not choose a narrower type. */
export function int64(value: bigint | number): Sql {
  const exact = BigInt(value);
  if (exact < -(2n ** 63n) || exact >= 2n ** 63n) throw new Error('a 64-bit integer is out of range');
  return Sql.fromTemplate([`toInt64(${exact < 0n ? `'${exact}'` : exact})`], [], Strength.atom);
}

/** A plain small non-negative count, as `LIMIT` and function arguments take it. */
export function count(value: number): Sql {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('a count is a safe non-negative integer');
  return Sql.fromTemplate([String(value)], [], Strength.atom);
}

/** A 64-bit floating literal; NaN and the infinities too. */
export function float64(value: number): Sql {
  if (Number.isNaN(value)) return Sql.fromTemplate(['nan'], [], Strength.atom);
  if (!Number.isFinite(value)) return Sql.fromTemplate([value > 0 ? 'inf' : '(-inf)'], [], Strength.atom);
  // JavaScript prints the negative zero without its sign.
  if (Object.is(value, -0)) return Sql.fromTemplate([`toFloat64('-0')`], [], Strength.atom);
  return Sql.fromTemplate([`toFloat64(${value < 0 ? `'${value}'` : value})`], [], Strength.atom);
}

/** A call of an engine function. `name` is written in source code: letters, digits and `_` only. */
export function call(name: string, ...args: readonly Sql[]): Sql {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error('a function name is a plain word');
  const [first, ...rest] = args;
  if (first === undefined) return Sql.fromTemplate([`${name}()`], [], Strength.atom);
  return Sql.fromTemplate([`${name}(`, ...rest.map(() => ', '), ')'], args, Strength.atom);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escapeInside(value: string, quote: string): string {
  let out = '';
  for (const char of value) out += char === quote ? `\\${quote}` : (ESCAPES[char] ?? char);
  return out;
}
