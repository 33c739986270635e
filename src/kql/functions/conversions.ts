import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { convert, toText } from './coerce.ts';
import { parsedText } from './dynamic-path.ts';
import { need } from './operand.ts';
import type { FunctionFamily, ScalarFunction } from './registry.ts';

function conversion(
  to: KqlType,
  page: string,
  examples: NonNullable<ScalarFunction['examples']>,
): ScalarFunction {
  return {
    summary: `The value as a ${to}; null where it cannot be one.`,
    page,
    nulls: 'maybe',
    sql: ([value]) => convert(need(value).sql, need(value).type, to),
    examples,
  };
}

const toreal = conversion('real', 'toreal-function', [
  ['toreal("123.4")', '123.4'],
  ['toreal("0x10")', ''],
  ['toreal(dynamic("2.5")) + 1', '3.5'],
]);

const tobool = conversion('bool', 'tobool-function', [
  ['tobool("true")', 'True'],
  ['tobool(-5)', 'True'],
  ['tobool("yes")', ''],
]);

const parseJson: ScalarFunction = {
  summary: 'The value that JSON text writes; text that is no JSON becomes a dynamic string.',
  page: 'parse-json-function',
  sql: ([source]) =>
    need(source).type === 'dynamic'
      ? need(source).sql
      : parsedText(toText(need(source).sql, need(source).type)),
  examples: [
    [`parse_json('{"a": [1, {"b": "x"}]}').a[1].b`, 'x'],
    [`parse_json('not json')`, 'not json'],
    [`isnull(parse_json('null'))`, 'True'],
  ],
};

const gettype: ScalarFunction = {
  summary: 'The name of the type of the value; of a dynamic, of what is in it.',
  page: 'gettype-function',
  nulls: 'never',
  sql: ([value]) => (need(value).type === 'dynamic' ? typeInside(need(value).sql) : text(need(value).type)),
  examples: [
    ['gettype(1s)', 'timespan'],
    ['gettype(dynamic({"a": 1}))', 'dictionary'],
    ['gettype(parse_json("1.5"))', 'double'],
    ['gettype(dynamic(null))', 'null'],
  ],
};

function typeInside(dynamic: Sql): Sql {
  const names = sql`['Object', 'Array', 'String', 'Int64', 'UInt64', 'Double', 'Bool']`;
  const types = sql`['dictionary', 'array', 'string', 'long', 'long', 'double', 'bool']`;
  return sql`transform(toString(JSONType(${dynamic})), ${names}, ${types}, 'null')`;
}

/** Conversions between the types: the `to...()` functions. */
export const conversions: FunctionFamily = {
  tostring: {
    summary: 'The value as text; an empty string for null.',
    page: 'tostring-function',
    nulls: 'never',
    sql: ([value]) => toText(need(value).sql, need(value).type),
    examples: [
      ['tostring(true)', 'True'],
      ['tostring(1500.0)', '1500.0'],
      ['tostring(1d + 2h)', '1.02:00:00'],
      ['tostring(datetime(2020-01-01))', '2020-01-01T00:00:00.0000000Z'],
      ['tostring(dynamic({"a": [1, "x"]}))', '{"a":[1,"x"]}'],
    ],
  },
  toint: conversion('int', 'toint-function', [
    ['toint("  45 ")', '45'],
    ['toint("3.14")', ''],
    ['toint(3.99)', '3'],
    ['toint("0xFF")', '255'],
  ]),
  tolong: conversion('long', 'tolong-function', [
    ['tolong("0xFFFFFFFFFFFFFFFF")', '-1'],
    ['tolong("9223372036854775808")', ''],
    ['tolong(1d)', '864000000000'],
    ['tolong(dynamic(1.9))', '1'],
    ['tolong(dynamic(-9223372036854775808))', '-9223372036854775808'],
  ]),
  toreal,
  todouble: toreal,
  todecimal: conversion('decimal', 'todecimal-function', [['todecimal("123.45678")', '123.45678']]),
  tobool,
  toboolean: tobool,
  todatetime: conversion('datetime', 'todatetime-function', [
    ['todatetime("12-02-2022 13:45:56")', '2022-12-02T13:45:56.0000000Z'],
    ['todatetime(0)', '0001-01-01T00:00:00.0000000Z'],
    ['todatetime("not a date")', ''],
  ]),
  totimespan: conversion('timespan', 'totimespan-function', [
    ['totimespan("0.00:03:00")', '00:03:00'],
    ['totimespan("-1.02:03:04.5")', '-1.02:03:04.5000000'],
  ]),
  toguid: conversion('guid', 'toguid-function', [
    ['toguid("74BE27DE1E4E49D9B579FE0B331D3642")', '74be27de-1e4e-49d9-b579-fe0b331d3642'],
  ]),
  parse_json: parseJson,
  parsejson: parseJson,
  todynamic: parseJson,
  toobject: parseJson,
  gettype,
};
