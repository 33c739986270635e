import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { loadCatalog } from '../../src/catalog/load.ts';
import { createDetectionDesk } from '../../src/detection/desk.ts';
import { createRuleDesk } from '../../src/detection/rule-desk.ts';
import { buildApp } from '../../src/http/app.ts';
import { createCallLimits } from '../../src/http/call-limits.ts';
import type { AppDeps } from '../../src/http/deps.ts';
import { makeLog } from '../../src/http/log.ts';
import { tenantLimits } from '../../src/hunting/limits.ts';
import { createQuotas } from '../../src/hunting/quota.ts';
import type { HuntAnswer, HuntRequest } from '../../src/hunting/run.ts';
import { loadOrCreateCliKey } from '../../src/identity/cli-key.ts';
import { issuerNamed } from '../../src/identity/directory/issuers.ts';
import { createDirectory, type Directory } from '../../src/identity/directory.ts';
import { createKeyStore, type KeyStore } from '../../src/identity/key-store.ts';
import { readTrustedIssuers } from '../../src/identity/outside-issuers.ts';
import { createOutsideTokens } from '../../src/identity/outside-tokens.ts';
import { DEFAULT_POLICY, type IdentityPolicy } from '../../src/identity/policy.ts';
import { createTokenService } from '../../src/identity/token-service.ts';
import type { IngestRequest } from '../../src/ingest/ingest.ts';
import { ENRICHMENTS } from '../../src/kql/enrichments.ts';
import type { Clock } from '../../src/model/clock.ts';
import { type IngestCounts, NO_COUNTS } from '../../src/model/ingest-counts.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ROOT } from '../built.ts';

export const TENANT = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21';
export const OTHER_TENANT = '0c9d2f6b-77aa-4b8f-9d55-3f1e2d3c4b5a';

/** The HTTP room and identity for real, over a real store; the use cases are given by the test. */
export interface TestServer {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly directory: Directory;
  readonly keys: KeyStore;
  readonly clock: Clock & { set(ms: number): void };
  readonly cliKey: string;
  readonly url: string;
  readonly log: string[];
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly runHunt?: (request: HuntRequest) => Promise<HuntAnswer>;
  readonly openHunt?: AppDeps['openHunt'];
  readonly ingestStream?: (request: IngestRequest) => Promise<IngestCounts>;
  readonly v1NumbersAsStrings?: boolean;
  readonly policy?: Partial<IdentityPolicy>;
  /** YAML of the setting `trusted-issuers`. */
  readonly trustedIssuers?: string;
  readonly ingestLimits?: AppDeps['ingestLimits'];
  readonly otherUrls?: readonly string[];
  readonly siem?: AppDeps['siem'];
  readonly rules?: AppDeps['rules'];
  readonly deviceScope?: AppDeps['deviceScope'];
  readonly functions?: AppDeps['functions'];
  readonly watchlists?: AppDeps['watchlists'];
}

const none = () => Promise.reject(new Error('the test gives no library'));
const NO_FUNCTIONS: AppDeps['functions'] = { list: async () => [], put: none, remove: none };
const NO_WATCHLISTS: AppDeps['watchlists'] = { list: none, put: none, remove: none };

export const TOKEN_LIFE_MS = 3_600_000;

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-http-'));
  let nowMs = Date.now();
  const clock = {
    nowMs: () => nowMs,
    set: (ms: number) => {
      nowMs = ms;
    },
  };
  const store = await openStore(folder);
  const directory = createDirectory(store, clock);
  const keys = createKeyStore(store, clock, { rotateAfterMs: 30 * 86_400_000, tokenLifeMs: TOKEN_LIFE_MS });
  const cliKey = loadOrCreateCliKey(folder);
  let url = '';
  const address = { primary: () => url, others: options.otherUrls ?? [] };
  const log: string[] = [];
  const grants = {
    directory,
    keys,
    clock,
    address,
    v1NumbersAsStrings: options.v1NumbersAsStrings ?? false,
    policy: { ...DEFAULT_POLICY, ...options.policy },
  };
  const quotas = createQuotas(clock);
  const limits = tenantLimits(store, { quotas: 'unlimited', maxRows: 100_000 }, 2);
  const app = buildApp({
    log: makeLog('trace', { write: (line) => log.push(line) }),
    clock,
    address,
    directory,
    keys,
    tokens: createTokenService(grants),
    grants,
    outside: createOutsideTokens({
      fixed: options.trustedIssuers === undefined ? [] : readTrustedIssuers(options.trustedIssuers),
      named: (issuer) => issuerNamed(directory.parts, issuer),
      clock,
    }),
    cliKey,
    defaultTenant: undefined,
    ingestLimits: options.ingestLimits ?? { maxBodyBytes: 1_000_000, maxInflatedBytes: 2_000_000 },
    admitCall: createCallLimits(clock),
    siem: options.siem ?? { bounds: 'since-exclusive', malformedStatus: 400 },
    detection: createDetectionDesk(store, clock),
    rules: options.rules ?? noRules(store),
    deviceScope: options.deviceScope ?? (async () => undefined),
    runHunt: options.runHunt ?? (async () => huntAnswer('{"Stats":{},"Schema":[],"Results":[]}')),
    openHunt: options.openHunt ?? (() => Promise.reject(new Error('the test gives no hunt'))),
    quotaStanding: async (tenant) => quotas.standing(tenant, await limits(tenant)),
    functions: options.functions ?? NO_FUNCTIONS,
    watchlists: options.watchlists ?? NO_WATCHLISTS,
    catalog: loadCatalog(),
    version: (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }).version,
    boolTypeName: 'SByte',
    builtInFunctions: ENRICHMENTS,
    ingestStream: options.ingestStream ?? countLines,
    checkQuery: async (request) => ({ ok: true, ...request }),
    explainQuery: async (request) => JSON.stringify(request),
    isReady: async () => true,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  await directory.createTenant({ id: TENANT, name: 'Example', domain: 'example.org' });
  await directory.createTenant({ id: OTHER_TENANT, name: 'Other' });
  return {
    app,
    store,
    directory,
    keys,
    clock,
    cliKey,
    url,
    log,
    async close() {
      // A connection that its client keeps open would be waited for.
      app.server.closeAllConnections();
      await app.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function huntAnswer(text: string, more: Partial<HuntAnswer> = {}): HuntAnswer {
  return {
    rowCount: 0,
    truncated: false,
    warnings: [],
    contentLength: Buffer.byteLength(text),
    body: () => Readable.from([Buffer.from(text)]),
    dispose: async () => undefined,
    ...more,
  };
}

/** Reads the body to its end, as the real use case does, and counts its lines. */
async function countLines({ body, table }: IngestRequest): Promise<IngestCounts> {
  let text = '';
  for await (const piece of body) text += String(piece);
  const events = text.split('\n').filter((line) => line !== '').length;
  return { ...NO_COUNTS, files: 1, events, stored: events, tables: { [table ?? 'DeviceEvents']: events } };
}

export interface TestApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

export async function makeApp(
  server: TestServer,
  roles: readonly string[] = ['AdvancedHunting.Read.All', 'Events.Write.All'],
  tenant = TENANT,
): Promise<TestApp> {
  return server.directory.createApplication({ tenant, name: 'test', roles });
}

/** A token by the v1 endpoint, over the wire. */
export async function tokenFor(
  server: TestServer,
  app: TestApp,
  resource = 'https://api.security.microsoft.com',
  tenant = TENANT,
): Promise<string> {
  const response = await fetch(`${server.url}/${tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      resource,
    }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** The desk of rules for real; queries are not compiled: that is what the tests of rules are for. */
function noRules(store: Store): AppDeps['rules'] {
  const inspection = {
    check: async () => ({ ok: true, diagnostics: [], columns: [], warnings: [] }),
    explain: async () => '',
  };
  return {
    rules: createRuleDesk({ store, inspection, checkGroups: async () => [], nowMs: () => Date.now() }),
    backtest: async () => {
      throw new Error('no backtest here');
    },
    alertByReference: async () => {
      throw new Error('no events here');
    },
  };
}
