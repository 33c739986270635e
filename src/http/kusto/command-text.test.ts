import { describe, expect, it } from 'vitest';
import { RequestError } from '../../model/request-error.ts';
import { matchCommand, readCommand } from './command-text.ts';

describe('readCommand', () => {
  it.each([
    ['.show databases', ['show', 'databases'], ''],
    ['  .Show   Tables // all\n', ['Show', 'Tables'], ''],
    [".show table ['Device Info'] cslschema", ['show', 'table', 'Device Info', 'cslschema'], ''],
    ['.show table ["a\\"b"] schema as json;', ['show', 'table', 'a"b', 'schema', 'as', 'json'], ''],
    [
      '.show tables | where TableName has "|" | count',
      ['show', 'tables'],
      '| where TableName has "|" | count',
    ],
    ['.show materialized-views', ['show', 'materialized-views'], ''],
  ])('reads %s', (text, words, rest) => {
    const command = readCommand(text);
    expect(command.words.map((word) => word.text)).toEqual(words);
    expect(command.rest).toBe(rest);
  });

  it('reads a list of names as one word', () => {
    const { words } = readCommand('.show databases ([\'A b\'], C, "d") schema');
    expect(words[2]?.names).toEqual(['A b', 'C', 'd']);
    expect(matchCommand(words, 'show databases <names> schema')?.[0]?.names).toEqual(['A b', 'C', 'd']);
    expect(matchCommand(words, 'show databases <db> schema')).toBeUndefined();
  });

  it.each([
    'show tables',
    '.show tables (',
    '.show tables (a',
    '.show tables (a,)',
    '.show tables ((a))',
    ".show table ['x",
    '.set T <| print 1',
    '.drop table T; .show tables',
    `.show ${'('.repeat(100_000)}`,
    `.show tables ${'//\n'.repeat(100_000)}(`,
    `.show table ['${'\\'.repeat(100_001)}`,
    '.\0',
  ])('refuses %.40s', (text) => {
    expect(() => {
      const { words } = readCommand(text);
      if (matchCommand(words, 'show tables') === undefined)
        throw new RequestError('BadRequest', 400, 'other');
    }).toThrow(RequestError);
  });
});
