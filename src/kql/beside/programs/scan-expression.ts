import type { KqlType } from '../../../model/kql-type.ts';
import type { Cell } from '../contract.ts';

/** An expression over a row and what is remembered. What reads the row alone is a column of it. */
export type Code =
  | { readonly column: number }
  | { readonly slot: number }
  /** Whole numbers and ticks as digits. */
  | { readonly constant: string | number | boolean | null; readonly type: KqlType }
  | { readonly call: string; readonly type: KqlType; readonly args: readonly Code[] };

export type Evaluate = (row: readonly Cell[], memory: readonly Cell[]) => Cell;

/** Types whose cells compare and add as they are. */
const WHOLE: ReadonlySet<KqlType> = new Set(['long', 'datetime', 'timespan']);
const ORDERED: ReadonlySet<KqlType> = new Set([...WHOLE, 'int', 'real', 'bool', 'string']);

/** Whether the program computes that call just as the engine does. */
export function isComputable(call: string, type: KqlType, args: readonly KqlType[]): boolean {
  const [a, b] = args;
  switch (call) {
    case 'and':
    case 'or':
    case 'not':
      return args.every((arg) => arg === 'bool');
    case '==':
    case '!=':
      return (
        args.length === 2 &&
        ((a === b && a !== undefined && (ORDERED.has(a) || a === 'guid')) || areWhole(args))
      );
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (
        args.length === 2 &&
        ((a === b && a !== undefined && ORDERED.has(a) && a !== 'string') || areWhole(args))
      );
    case '+':
    case '-':
      return (
        args.length === 2 && (sums(a, b, type, call) || (a === 'real' && b === 'real' && type === 'real'))
      );
    case '*':
      return (
        args.length === 2 && (type === 'long' ? areWhole(args) : a === b && a === type && type === 'real')
      );
    case 'iff':
    case 'iif':
      return args.length === 3 && a === 'bool' && args[1] === type && args[2] === type;
    case 'case':
      return (
        args.length % 2 === 1 &&
        args.every((arg, i) => arg === (i % 2 === 0 && i < args.length - 1 ? 'bool' : type))
      );
    case 'isnull':
    case 'isnotnull':
      return args.length === 1 && a !== 'string' && a !== 'dynamic';
    case 'isempty':
    case 'isnotempty':
      return args.length === 1 && a === 'string';
    case 'coalesce':
      return args.every((arg) => arg === type) && type !== 'dynamic' && type !== 'string';
    case 'strcat':
      return args.every((arg) => arg === 'string');
    case 'max_of':
    case 'min_of':
      return args.length > 0 && args.every((arg) => arg === type) && WHOLE.has(type);
    case 'tolong':
      return args.length === 1 && a === 'int';
    case 'toint':
      return args.length === 1 && a === 'long';
    case 'toreal':
      return args.length === 1 && (a === 'int' || a === 'long');
    default:
      return false;
  }
}

/** An `int` is a number here and a `long` is a bigint; what is made of both is a `long`. */
function areWhole(types: readonly (KqlType | undefined)[]): boolean {
  return types.every((type) => type === 'int' || type === 'long');
}

function sums(a: KqlType | undefined, b: KqlType | undefined, type: KqlType, sign: string): boolean {
  if (areWhole([a, b])) return type === 'long';
  if (a === 'timespan' && b === 'timespan') return type === 'timespan';
  if (a === 'datetime' && b === 'timespan') return type === 'datetime';
  if (a === 'timespan' && b === 'datetime') return type === 'datetime' && sign === '+';
  return a === 'datetime' && b === 'datetime' && type === 'timespan' && sign === '-';
}

export function compiled(code: Code): Evaluate {
  if ('column' in code) return (row) => row[code.column] ?? null;
  if ('slot' in code) return (_row, memory) => memory[code.slot] ?? null;
  if ('constant' in code) {
    const value =
      WHOLE.has(code.type) && code.constant !== null ? BigInt(String(code.constant)) : code.constant;
    return () => value;
  }
  const args = code.args.map(compiled);
  const [first, second] = args;
  if (!first) throw new Error(`\`${code.call}\` without arguments`);
  switch (code.call) {
    case 'and':
      return (row, memory) => all(args, row, memory, false);
    case 'or':
      return (row, memory) => all(args, row, memory, true);
    case 'iff':
    case 'iif':
    case 'case':
      return (row, memory) => chosen(args, row, memory);
    case 'coalesce':
      return (row, memory) => {
        for (const arg of args) {
          const value = arg(row, memory);
          if (value !== null) return value;
        }
        return null;
      };
    default: {
      const compute = plain(code.call, code.type);
      if (args.length === 1) return (row, memory) => compute(first(row, memory));
      if (args.length === 2 && second)
        return (row, memory) => compute(first(row, memory), second(row, memory));
      return (row, memory) => compute(...args.map((arg) => arg(row, memory)));
    }
  }
}

/** `and` stops at false, `or` at true; else a null makes it null. */
function all(args: readonly Evaluate[], row: readonly Cell[], memory: readonly Cell[], stop: boolean): Cell {
  let unknown = false;
  for (const arg of args) {
    const value = arg(row, memory);
    if (value === stop) return stop;
    if (value === null) unknown = true;
  }
  return unknown ? null : !stop;
}

function chosen(args: readonly Evaluate[], row: readonly Cell[], memory: readonly Cell[]): Cell {
  for (let i = 0; i + 1 < args.length; i += 2)
    if (args[i]?.(row, memory) === true) return args[i + 1]?.(row, memory) ?? null;
  return args.at(-1)?.(row, memory) ?? null;
}

type Plain = (...values: Cell[]) => Cell;

function plain(call: string, type: KqlType): Plain {
  switch (call) {
    case 'not':
      return (a = null) => (a === null ? null : a !== true);
    case '==':
      return (a = null, b = null) => (a === null && b === null ? null : widened(a, b) === widened(b, a));
    case '!=':
      return (a = null, b = null) => (a === null && b === null ? null : widened(a, b) !== widened(b, a));
    case '<':
      return ordered((a, b) => a < b);
    case '<=':
      return ordered((a, b) => a <= b);
    case '>':
      return ordered((a, b) => a > b);
    case '>=':
      return ordered((a, b) => a >= b);
    case '+':
      return arithmetic(
        type,
        (a, b) => a + b,
        (a, b) => a + b,
      );
    case '-':
      return arithmetic(
        type,
        (a, b) => a - b,
        (a, b) => a - b,
      );
    case '*':
      return arithmetic(
        type,
        (a, b) => a * b,
        (a, b) => a * b,
      );
    case 'isnull':
      return (a = null) => a === null;
    case 'isnotnull':
      return (a = null) => a !== null;
    case 'isempty':
      return (a = null) => a === '' || a === null;
    case 'isnotempty':
      return (a = null) => a !== '' && a !== null;
    case 'strcat':
      return (...values) => values.map((value) => String(value ?? '')).join('');
    case 'tolong':
      return (a = null) => (typeof a === 'number' ? BigInt(a) : null);
    case 'toint':
      return (a = null) => (typeof a === 'bigint' ? Number(BigInt.asIntN(32, a)) : null);
    case 'toreal':
      return (a = null) => (a === null ? null : Number(a));
    case 'max_of':
      return extreme((a, b) => a > b);
    case 'min_of':
      return extreme((a, b) => a < b);
    default:
      throw new Error(`\`${call}\` is not computed here`);
  }
}

/** The value as it is compared with the other: an `int` beside a `long` is one. */
function widened(value: Cell, beside: Cell): Cell {
  return typeof value === 'number' && typeof beside === 'bigint' ? BigInt(value) : value;
}

type Comparable = number | bigint | boolean;

function ordered(holds: (a: Comparable, b: Comparable) => boolean): Plain {
  return (a = null, b = null) => (a === null || b === null ? null : holds(a as Comparable, b as Comparable));
}

function extreme(isBetter: (a: Comparable, b: Comparable) => boolean): Plain {
  return (...values) => {
    let best: Cell = null;
    for (const value of values)
      if (value !== null && (best === null || isBetter(value as Comparable, best as Comparable)))
        best = value;
    return best;
  };
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.9999999Z. */
const FIRST_TICKS = -621_355_968_000_000_000n;
const LAST_TICKS = 2_534_023_007_999_999_999n;

/** Null with a null; a long goes round at 64 bits; a time outside the calendar is null. */
function arithmetic(
  type: KqlType,
  whole: (a: bigint, b: bigint) => bigint,
  real: (a: number, b: number) => number,
): Plain {
  return (a = null, b = null) => {
    if (a === null || b === null) return null;
    if (type === 'real') return real(Number(a), Number(b));
    const value = whole(BigInt(a as number | bigint), BigInt(b as number | bigint));
    if (type === 'datetime') return value < FIRST_TICKS || value > LAST_TICKS ? null : value;
    return BigInt.asIntN(64, value);
  };
}
