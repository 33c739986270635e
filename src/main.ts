import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { loadCatalog } from './catalog/load.ts';
import type { Database } from './clickhouse/database.ts';
import type { Config } from './config/settings.ts';
import { createDetectionDesk } from './detection/desk.ts';
import { createDetectionRoom, type DetectionRoom } from './detection/detection-room.ts';
import { buildApp } from './http/app.ts';
import { createCallLimits } from './http/call-limits.ts';
import { makeLog } from './http/log.ts';
import { createBeside } from './hunting/beside/pool.ts';
import { type Compiler, startCompilePool } from './hunting/compile-pool.ts';
import { createDeviceScopes } from './hunting/device-scope.ts';
import { createExternalFiles } from './hunting/external/files.ts';
import { createInspection } from './hunting/inspect.ts';
import { createFunctionLibrary } from './hunting/library.ts';
import { quotaLimits, tenantLimits } from './hunting/limits.ts';
import { type HuntEngine, openHunt } from './hunting/open.ts';
import { createQuotas } from './hunting/quota.ts';
import { storedLedger } from './hunting/quota-ledger.ts';
import { createHunting } from './hunting/run.ts';
import { createSessions } from './hunting/session.ts';
import { dropStageTables } from './hunting/stage-tables.ts';
import { createTenantTables } from './hunting/tables.ts';
import { createWatchlists } from './hunting/watchlists.ts';
import { issueAppToken, TOKEN_LIFE_SECONDS } from './identity/access-token.ts';
import { loadOrCreateCliKey } from './identity/cli-key.ts';
import { deviceVisibility } from './identity/device-visibility.ts';
import { issuerNamed } from './identity/directory/issuers.ts';
import type { DirectoryParts } from './identity/directory/parts.ts';
import { type CreatedApplication, createDirectory, type Directory } from './identity/directory.ts';
import { createKeyStore } from './identity/key-store.ts';
import { readTrustedIssuers } from './identity/outside-issuers.ts';
import { createOutsideTokens, type OutsideTokens } from './identity/outside-tokens.ts';
import { principalOf } from './identity/principal.ts';
import type { ServerAddress } from './identity/server-address.ts';
import { createTokenService } from './identity/token-service.ts';
import { createAuditLog } from './ingest/audit-log.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { loadSampleEvents } from './ingest/sample.ts';
import { ENRICHMENTS } from './kql/enrichments.ts';
import { systemClock } from './model/clock.ts';
import { startDatabase } from './start/engine.ts';
import { announce, refuseSecondServer } from './start/server-file.ts';
import { type Stops, settleAll, stopAll } from './start/stops.ts';
import { committedArrival } from './store/ingest-journal.ts';
import { openStore } from './store/store.ts';
import type { TlsCertificate } from './tls/certificate.ts';
import { serverTls } from './tls/server-tls.ts';

export { convertRules } from './detection/conversion.ts';
export { printRule } from './detection/rule-form.ts';
export { junit, testRuleFolder } from './detection/test-folder.ts';
export { startEngine } from './start/engine.ts';

/** A server that accepts requests. */
export interface RunningServer {
  /** Where it listens: the real port, no trailing slash. */
  readonly url: string;
  readonly tenant: string;
  /** What clients must trust, where the server made its own certificate. */
  readonly caFile: string | undefined;
  /** The engine, for benchmarks and maintenance of one's own. */
  readonly database: Database;
  createApplication(name: string, roles: readonly string[]): Promise<CreatedApplication>;
  /** Where events go in, and what rules make of them; for tests of rules on a server of their own. */
  readonly ingest: Ingest;
  readonly detection: DetectionRoom;
  /** A fresh token of an application of the default tenant; undefined when there is no such application. */
  issueToken(clientId: string): Promise<string | undefined>;
  /** Lets requests end, then stops everything. Idempotent. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Put the sample events into the default tenant, moved to now. */
  readonly sample: boolean;
  /** False: detection rules do not run by themselves. */
  readonly rules?: boolean;
}

const DAY_MS = 86_400_000;
/** How long requests may go on after a stop was asked for. */
const DRAIN_MS = 10_000;
const SAMPLE_FILE = fileURLToPath(new URL('../sample/incident.ndjson', import.meta.url));

/** Builds every room once and starts. What cannot start rejects, and what had started is stopped again. */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const stops: Stops = [];
  try {
    return await start(config, options, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function start(config: Config, options: StartOptions, stops: Stops): Promise<RunningServer> {
  const log = makeLog(config.logLevel);
  const clock = systemClock;
  await refuseSecondServer(config.dataDir);
  const store = await openStore(config.dataDir);
  stops.push(() => store.close());
  const cliKey = loadOrCreateCliKey(config.dataDir);
  const directory = createDirectory(store, clock);
  const tenant = await defaultTenant(directory, config.tenant);

  const [database, compiler] = await settleAll([
    startDatabase(config, (line) => log.info({ engine: line }, 'engine'), stops),
    startCompiler(config, stops),
  ]);
  const catalog = loadCatalog();
  const functions = createFunctionLibrary({ store, compiler, clock });
  const tables = createTenantTables({
    database,
    library: functions.library,
    shared: config.clickhouseUrl !== undefined,
  });
  const watchlists = createWatchlists({ store, database, clock, forgetTables: tables.forget });
  const lookbackDays = config.lookbackDays === 'unlimited' ? undefined : config.lookbackDays;
  const retentionDays = config.retentionDays === 'unlimited' ? undefined : config.retentionDays;
  const processors = config.queryThreads ?? availableParallelism();
  const limits = tenantLimits(store, config, processors);
  const quotas = createQuotas(clock, storedLedger(store));
  await quotas.load();
  stops.push(() => quotas.close());
  const beside = createBeside(availableParallelism(), config.geoDb);
  stops.push(() => beside.close());
  const external = createExternalFiles({
    map: config.externaldataMap,
    hosts: config.externaldataHosts ?? [],
    cacheFolder: join(config.dataDir, 'externaldata'),
  });
  const outside = { beside, external };
  await dropStageTables(database, config.clickhouseUrl === undefined);
  const scopes = createDeviceScopes(database, (caller) => deviceVisibility(directory.parts, caller));
  let url = '';
  const address: ServerAddress = {
    primary: () => config.publicUrls?.[0] ?? url,
    others: config.publicUrls?.slice(1) ?? [],
  };
  const sessions = createSessions({
    principal: (caller) => principalOf(directory.parts, caller),
    committedArrival: (id) => committedArrival(store.db, id),
    // Nobody can ask a server that does not listen yet.
    urls: () => [address.primary(), ...address.others].filter((own) => own !== ''),
  });
  const engine: HuntEngine = {
    ...{ database, compiler, tables, limits, quotas, lookbackDays, clock, scopes, sessions },
    ...outside,
  };
  const { requestTimeMs } = quotaLimits(config, processors);
  const inspection = createInspection({
    ...outside,
    database,
    compiler,
    tables,
    sessions,
    lookbackDays,
    requestTimeMs,
    clock,
  });
  const ingest = createIngest({
    // Whatever ingestion makes or alters, hunting must see at once.
    database: { ...database, command: (...args) => database.command(...args).finally(tables.forget) },
    catalog,
    store,
    clock,
    dataDir: config.dataDir,
    fsync: config.fsync,
    retentionDays,
  });
  await ingest.recover();
  const detection = createDetectionRoom({
    store,
    engine,
    inspection,
    ingest,
    settings: {
      maxAlerts: config.ruleMaxAlerts,
      mergeMs: config.alertMergeMs,
      runTimeMs: config.ruleTimeMs,
      slots: config.ruleSlots,
    },
    onFailure: (error) => log.error({ err: error }, 'a detection rule could not be run'),
  });
  stops.push(() => detection.stop());

  const keys = createKeyStore(store, clock, {
    rotateAfterMs: config.keyRotationDays * DAY_MS,
    tokenLifeMs: TOKEN_LIFE_SECONDS * 1000,
  });
  const grants = {
    directory,
    keys,
    clock,
    address,
    v1NumbersAsStrings: config.v1TokenNumbers === 'strings',
    policy: config,
  };
  const tls = await serverTls(config);
  const app = buildApp({
    connection: { tls: tls?.certificate, trustedProxies: config.trustedProxies ?? [] },
    log,
    clock,
    address,
    directory,
    keys,
    tokens: createTokenService(grants),
    outside: outsideTokens(config.trustedIssuers, directory.parts),
    grants,
    cliKey,
    defaultTenant: tenant,
    ingestLimits: {
      maxBodyBytes: config.ingestMaxBodyBytes,
      maxInflatedBytes: config.ingestMaxInflatedBytes,
    },
    admitCall: config.quotas === 'unlimited' ? undefined : createCallLimits(clock),
    siem: { bounds: config.siemBounds, malformedStatus: config.siemMalformedStatus },
    detection: createDetectionDesk(store, clock),
    rules: detection,
    deviceScope: async (caller) => scopes(caller, await tables(caller.tenant)),
    runHunt: createHunting({
      ...engine,
      boolTypeName: config.boolTypeName,
      spoolDirectory: join(config.dataDir, 'spool'),
    }),
    openHunt: (call) => openHunt(engine, call),
    functions,
    watchlists,
    quotaStanding: async (tenant) => quotas.standing(tenant, await limits(tenant)),
    audit: config.audit ? auditLog(ingest.ingestStream, log, stops) : undefined,
    version: programVersion(),
    builtInFunctions: ENRICHMENTS,
    catalog,
    boolTypeName: config.boolTypeName,
    ingestStream: ingest.ingestStream,
    checkQuery: inspection.check,
    explainQuery: inspection.explain,
    isReady: () => database.ping(),
  });
  if (options.sample) {
    const load = (body: Parameters<Parameters<typeof loadSampleEvents>[0]['ingest']>[0]) =>
      ingest.ingestStream({
        ...body,
        format: 'records',
        table: undefined,
        rebase: true,
        signal: new AbortController().signal,
      });
    const stored = await loadSampleEvents(
      { database, ingest: load, file: SAMPLE_FILE },
      tenant,
      clock.nowMs(),
    );
    log.info({ stored }, 'sample events are in');
  }
  if (tls !== undefined) {
    const renewed = (certificate: TlsCertificate) => {
      (app.server as unknown as TlsServer).setSecureContext(certificate);
      announce(config.dataDir, url, tenant, certificate.fingerprint);
      log.info('the certificate was replaced');
    };
    const failed = (error: unknown) => log.error({ err: error }, 'the certificate was not replaced');
    const unwatch = tls.watch(renewed, failed);
    stops.push(async () => unwatch());
  }
  await app.listen({ host: config.host, port: config.port });
  url = listeningUrl(app.server.address() as AddressInfo, tls === undefined ? 'http' : 'https');
  if (options.rules !== false) detection.start();
  stops.push(() => drained(app));
  stops.push(announce(config.dataDir, url, tenant, tls?.certificate.fingerprint));

  let stopping: Promise<void> | undefined;
  return {
    url,
    tenant,
    caFile: tls?.caFile,
    database,
    ingest,
    detection,
    createApplication: (name, roles) => directory.createApplication({ tenant, name, roles }),
    async issueToken(clientId) {
      const application = await directory.application(tenant, clientId);
      if (application === undefined) return undefined;
      return (
        await issueAppToken(grants, tenant, application, 'secret', 'https://api.security.microsoft.com', 1)
      ).token;
    },
    stop() {
      stopping ??= stopAll(stops);
      return stopping;
    },
  };
}

function outsideTokens(file: string | undefined, parts: DirectoryParts): OutsideTokens {
  return createOutsideTokens({
    fixed: file === undefined ? [] : readTrustedIssuers(readFileSync(file, 'utf8')),
    named: (issuer) => issuerNamed(parts, issuer),
    clock: parts.clock,
  });
}

async function defaultTenant(directory: Directory, asked: string | undefined): Promise<string> {
  if (asked !== undefined) return (await directory.createTenant({ id: asked })).id;
  const oldest = (await directory.tenants())[0];
  return (oldest ?? (await directory.createTenant({ name: 'default' }))).id;
}

async function startCompiler(config: Config, stops: Stops): Promise<Compiler> {
  const compiler = await startCompilePool({
    threads: config.compileThreads,
    timeoutMs: config.compileTimeMs,
  });
  stops.push(() => compiler.close());
  return compiler;
}

/** Starts keeping the audit log; what is waiting is written before ingestion stops. */
function auditLog(
  ingestStream: ReturnType<typeof createIngest>['ingestStream'],
  log: ReturnType<typeof makeLog>,
  stops: Stops,
) {
  const audit = createAuditLog({
    ingest: (batch) =>
      ingestStream({
        ...batch,
        format: 'auto',
        rebase: false,
        idempotencyKey: randomUUID(),
        signal: new AbortController().signal,
      }),
    lost: (events, error) => log.error({ events, err: error }, 'audit events were lost'),
  });
  stops.push(() => audit.close());
  return audit.record;
}

function programVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** Loopback, and every address at once, are named by the loopback address: that is where the local machine finds it. */
function listeningUrl({ address, port }: AddressInfo, scheme: 'http' | 'https'): string {
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(address);
  const host = isLocal ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}

async function drained(app: ReturnType<typeof buildApp>): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(late);
}
