import { describe, expect, it } from 'vitest';
import { RequestError } from '../model/request-error.ts';
import { functionArguments } from './odata-call.ts';

const PATH = '/beta/security/getRunHuntingQuery';

describe('functionArguments', () => {
  it.each([
    [`${PATH}(query='DeviceInfo')`, { query: 'DeviceInfo' }],
    [`${PATH}(query='print%20%22a%2Fb%22',timespan='P1D')?x=1`, { query: 'print "a/b"', timespan: 'P1D' }],
    [`${PATH}(Query='it''s, (here)', timespan=null)`, { query: "it's, (here)", timespan: '' }],
    [`${PATH}%28query=%27print%201%27%29/`.slice(0, -1), { query: 'print 1' }],
    [`${PATH}()`, {}],
  ])('reads %s', (url, expected) => {
    expect(Object.fromEntries(functionArguments(url))).toEqual(expected);
  });

  it.each([
    PATH,
    `${PATH}(`,
    `${PATH}(query='x'`,
    `${PATH}(query='x)`,
    `${PATH}(query='x',query='y')`,
    `${PATH}(query='x'y)`,
    `${PATH}(%ZZ)`,
    `${PATH}(${"a='b',".repeat(2000)}a='b')`,
    `${PATH}(q=${"''".repeat(50_000)}')`,
  ])('refuses %.60s', (url) => {
    expect(() => functionArguments(url)).toThrow(RequestError);
  });
});
