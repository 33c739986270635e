import { parseExact, printExact } from '../../model/exact-json.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Cell, Json } from './contract.ts';

/** A cell as the engine wrote it: one raw JSON token of a hunting statement's answer. */
export function readCell(token: string, type: KqlType): Cell {
  if (token === 'null') return type === 'string' ? '' : null;
  switch (type) {
    case 'bool':
      return token === 'true' || token === '1';
    case 'int':
      return Number(token);
    case 'long':
    case 'timespan':
      return BigInt(token);
    case 'real':
      return realOf(token);
    case 'datetime':
      return ticksOf(textOf(token));
    case 'decimal':
      return token.startsWith('"') ? textOf(token) : token;
    case 'string':
    case 'guid':
      return textOf(token);
    case 'dynamic':
      return jsonOf(textOf(token));
  }
}

/** The cell as a JSON token that the engine takes for a column of the type. Null (or '') where it does not fit. */
export function writeCell(cell: Cell, type: KqlType): string {
  if (type === 'dynamic') return cell === null ? '""' : JSON.stringify(printExact(cell));
  if (type === 'string')
    return JSON.stringify(
      cell === null ? '' : typeof cell === 'string' ? cell.toWellFormed() : printExact(cell),
    );
  if (cell === null) return 'null';
  switch (type) {
    case 'bool':
      return typeof cell === 'boolean' ? String(cell) : 'null';
    case 'int':
      return whole(cell, 31n);
    case 'long':
    case 'timespan':
      return whole(cell, 63n);
    case 'real':
      return realToken(cell);
    case 'datetime':
      return typeof cell === 'bigint' ? datetimeToken(cell) : 'null';
    case 'decimal':
      return typeof cell === 'string' && DECIMAL.test(cell) ? `"${cell}"` : 'null';
    case 'guid':
      return typeof cell === 'string' && GUID.test(cell) ? `"${cell}"` : 'null';
  }
}

/** What holds a dynamic: '' is null. Text that is no JSON is a string of its own. */
export function jsonOf(text: string): Json {
  if (text === '') return null;
  try {
    return parseExact(text) as Json;
  } catch {
    return text;
  }
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.9999999Z. */
const FIRST_TICKS = -621_355_968_000_000_000n;
const LAST_TICKS = 2_534_023_007_999_999_999n;
const TICKS_PER_MS = 10_000n;

/** 100 ns ticks since 1970 of `2020-08-30T06:38:35.7664356Z`. */
export function ticksOf(iso: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,7})\d*)?Z?$/.exec(iso);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * TICKS_PER_MS + BigInt((match[3] ?? '').padEnd(7, '0'));
}

function datetimeToken(ticks: bigint): string {
  if (ticks < FIRST_TICKS || ticks > LAST_TICKS) return 'null';
  const fraction = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const seconds = new Date(Number((ticks - fraction) / TICKS_PER_MS)).toISOString();
  return `"${seconds.slice(0, 10)} ${seconds.slice(11, 19)}.${String(fraction).padStart(7, '0')}"`;
}

const DECIMAL = /^-?\d{1,48}(\.\d+)?$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function whole(cell: Cell, bits: bigint): string {
  const finite = typeof cell === 'number' && Number.isFinite(cell);
  const value = typeof cell === 'bigint' ? cell : finite ? BigInt(Math.trunc(cell)) : undefined;
  if (value === undefined || value < -(1n << bits) || value >= 1n << bits) return 'null';
  return String(value);
}

function realToken(cell: Cell): string {
  if (typeof cell !== 'number' && typeof cell !== 'bigint') return 'null';
  const value = Number(cell);
  if (Number.isNaN(value)) return '"nan"';
  if (!Number.isFinite(value)) return value > 0 ? '"inf"' : '"-inf"';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function realOf(token: string): number {
  const text = textOf(token);
  if (/^-?inf/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text === 'nan' || text === '-nan' ? Number.NaN : Number(text);
}

function textOf(token: string): string {
  return token.startsWith('"') ? (JSON.parse(token) as string) : token;
}
