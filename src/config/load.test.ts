import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';
import { SETTINGS } from './settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoor-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(env: Record<string, string> = {}, flags: Record<string, string> = {}) {
  return loadConfig({ env, flags: { dataDir: folder, ...flags } });
}

function failure(env: Record<string, string>, flags: Record<string, string> = {}): ConfigError {
  try {
    load(env, flags);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('the defaults are values of their own forms, and names are unique', () => {
  expect(load()).toMatchObject({
    host: '127.0.0.1',
    port: 8317,
    publicUrls: undefined,
    engineMemoryBytes: undefined,
    lookbackDays: 30,
    retentionDays: 'unlimited',
    quotas: 'current',
    fsync: false,
    maxRows: 100_000,
    compileTimeMs: 10_000,
  });
  const all = Object.values(SETTINGS);
  expect(new Set(all.map(({ env }) => env)).size).toBe(all.length);
  for (const { env, sentence } of all) {
    expect(env).toMatch(/^SPOOR_[A-Z0-9_]+$/);
    expect(sentence).toMatch(/\.$/);
  }
});

test('the command line wins over the environment, that over the file, that over the default', () => {
  const file =
    'port: 1\nhost: file\nlookback: unlimited\nquotas: unlimited\npublic-url: [https://a, "http://b:1/"]\nfsync: true\n';
  writeFileSync(join(folder, 'spoor.yaml'), file);
  expect(load({ SPOOR_PORT: '2', SPOOR_HOST: 'env', SPOOR_QUOTAS: '' }, { port: '3' })).toMatchObject({
    port: 3,
    host: 'env',
    lookbackDays: 'unlimited',
    quotas: 'unlimited',
    publicUrls: ['https://a', 'http://b:1'],
    fsync: true,
    maxRows: 100_000,
  });
});

test('SPOOR_CONFIG names the file, which must then be there', () => {
  const other = join(folder, 'other.yaml');
  expect(failure({ SPOOR_CONFIG: other }).code).toBe('BadSetting');
  writeFileSync(other, 'port: 7');
  writeFileSync(join(folder, 'spoor.yaml'), 'port: 8');
  expect(load({ SPOOR_CONFIG: other }).port).toBe(7);
});

test('sizes, durations and lists of names', () => {
  expect(
    load({ SPOOR_QUERY_MEMORY: '50MB', SPOOR_MAX_RESULT: 'Unlimited', SPOOR_REQUEST_TIME: '1.5m' }),
  ).toMatchObject({
    queryMemoryBytes: 50_000_000,
    maxResultBytes: 'unlimited',
    requestTimeMs: 90_000,
  });
  expect(
    load({
      SPOOR_QUERY_MEMORY: '1024',
      SPOOR_BOOL_TYPE: 'boolean',
      SPOOR_TENANT: 'AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
    }),
  ).toMatchObject({
    queryMemoryBytes: 1024,
    boolTypeName: 'Boolean',
    tenant: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
  });
});

describe('a wrong value is refused by its name:', () => {
  test.each([
    ['SPOOR_PORT', '65536'],
    ['SPOOR_PORT', 'tcp://10.0.0.1:80'],
    ['SPOOR_PORT', '-1'],
    ['SPOOR_FSYNC', 'yes'],
    ['SPOOR_QUOTAS', '2019'],
    ['SPOOR_LOOKBACK', '30'],
    ['SPOOR_LOOKBACK', '0d'],
    ['SPOOR_QUERY_MEMORY', '1 XB'],
    ['SPOOR_QUERY_MEMORY', '1e9'],
    ['SPOOR_REQUEST_TIME', 'NaN'],
    ['SPOOR_PUBLIC_URL', 'https://a/path'],
    ['SPOOR_PUBLIC_URL', 'ftp://a'],
    ['SPOOR_PUBLIC_URL', 'https://a,'],
    ['SPOOR_TENANT', 'common'],
    ['SPOOR_COMPILE_TIME', 'unlimited'],
    ['SPOOR_LOG_LEVEL', 'constructor'],
  ])('%s=%s', (name, value) => {
    const { code, message } = failure({ [name]: value });
    expect(code).toBe('BadSetting');
    expect(message).toContain(name);
  });

  test('on the command line', () => {
    expect(failure({}, { port: 'x' }).message).toContain('--port');
  });

  test.each([
    ['prot: 1', 'UnknownSetting'],
    ['__proto__: 1', 'UnknownSetting'],
    ['port: {a: 1}', 'BadSetting'],
    ['port: null', 'BadSetting'],
    ['- port', 'BadSetting'],
    ['port: "', 'BadSetting'],
    ['port: 99999', 'BadSetting'],
  ])('in the file: %s', (content, code) => {
    writeFileSync(join(folder, 'spoor.yaml'), content);
    expect(failure({}).code).toBe(code);
  });
});
