import {
  days,
  daysOrUnlimited,
  duration,
  durationOrUnlimited,
  guid,
  names,
  networks,
  oneOf,
  orUnlimited,
  type Parser,
  size,
  sizeOrUnlimited,
  text,
  url,
  urls,
  whole,
  yesNo,
} from './values.ts';

interface Setting<T> {
  /** Name on the command line (`--name`), where a command offers it, and in the config file. */
  readonly key: string;
  readonly env: string;
  /** What a value looks like. */
  readonly form: string;
  readonly parse: Parser<T>;
  /** As it would be written; undefined: not set. */
  readonly fallback: string | undefined;
  readonly sentence: string;
}

function setting<T>(
  key: string,
  form: string,
  parse: Parser<T>,
  fallback: string,
  sentence: string,
): Setting<T>;
function setting<T>(
  key: string,
  form: string,
  parse: Parser<T>,
  fallback: undefined,
  sentence: string,
): Setting<T | undefined>;
function setting<T>(
  key: string,
  form: string,
  parse: Parser<T>,
  fallback: string | undefined,
  sentence: string,
): Setting<T | undefined> {
  return { key, env: `SPOOR_${key.toUpperCase().replaceAll('-', '_')}`, form, parse, fallback, sentence };
}

/** DATA: every setting of the server, in the order of docs/settings.md. Other rooms get the plain values. */
export const SETTINGS = {
  dataDir: setting('data', 'path', text, 'data', 'Folder of everything that the server keeps.'),
  host: setting('host', 'host name or address', text, '127.0.0.1', 'Address to listen on.'),
  port: setting('port', '0 to 65535', whole(0, 65_535), '8317', 'Port to listen on; 0 picks a free one.'),
  publicUrls: setting(
    'public-url',
    'URLs, commas between',
    urls,
    undefined,
    'URLs that clients reach the server by; the first is the issuer of tokens. Without it: where it listens.',
  ),
  tls: setting(
    'tls',
    'off or self-signed',
    oneOf('off', 'self-signed'),
    'off',
    'Serve HTTPS with a certificate of an authority of its own; the start prints the file that clients must trust.',
  ),
  tlsCertFile: setting(
    'tls-cert',
    'path',
    text,
    undefined,
    'Serve HTTPS with this certificate and those that lead to its root, PEM; read again when it changes.',
  ),
  tlsKeyFile: setting('tls-key', 'path', text, undefined, 'Private key of that certificate, PEM.'),
  trustedProxies: setting(
    'trusted-proxies',
    'addresses or networks, commas between',
    networks,
    undefined,
    "Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. Without it: nobody's.",
  ),
  tenant: setting(
    'tenant',
    'GUID',
    guid,
    undefined,
    'Tenant of calls that name none; made at the start where it does not exist.',
  ),
  logLevel: setting(
    'log-level',
    'fatal, error, warn, info, debug, trace, silent',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'What is logged to standard error.',
  ),
  clickhouseUrl: setting(
    'clickhouse-url',
    'URL',
    url,
    undefined,
    'A ClickHouse server to use instead of the embedded engine.',
  ),
  clickhouseUser: setting('clickhouse-user', 'text', text, undefined, 'User name on that ClickHouse server.'),
  clickhousePassword: setting('clickhouse-password', 'text', text, undefined, 'Password of that user.'),
  externaldataMap: setting(
    'externaldata-map',
    'path',
    text,
    undefined,
    'JSON file of URLs (or what they begin with) and the local files or folders that `externaldata` reads instead.',
  ),
  externaldataHosts: setting(
    'externaldata-hosts',
    'host names, commas between',
    names,
    undefined,
    'Hosts that `externaldata` may fetch from: `example.com`, `*.example.com`. Only https unless `http://` is written.',
  ),
  geoDb: setting(
    'geo-db',
    'path',
    text,
    undefined,
    'MaxMind database (.mmdb), or a folder of them, that `geo_info_from_ip_address` reads.',
  ),
  engineMemoryBytes: setting(
    'engine-memory',
    'size',
    size,
    undefined,
    'Most memory of the engine process. Without it: half of what the machine, or its container, has.',
  ),
  queryMemoryBytes: setting(
    'query-memory',
    'size',
    size,
    undefined,
    "Most memory of one query; at half of it a grouping or a sort goes to disk. Without it: a quarter of the engine's, of a ClickHouse server 1 GiB.",
  ),
  querySpillBytes: setting(
    'query-spill',
    'size',
    size,
    '32GiB',
    'Most disk space that one query may spill to.',
  ),
  queryThreads: setting(
    'query-threads',
    '1 to 1024',
    whole(1, 1024),
    undefined,
    'Threads of one query in the engine. Without it: one for each core.',
  ),
  querySlots: setting(
    'query-slots',
    '1 to 64',
    whole(1, 64),
    undefined,
    'Queries that run at the same time; more wait, fairly between tenants. Without it: the cores, at least 4.',
  ),
  fsync: setting(
    'fsync',
    'true or false',
    yesNo,
    'false',
    'Force events to the disk before they are acknowledged: survives power loss, not only a kill.',
  ),
  lookbackDays: setting(
    'lookback',
    'days such as 30d, or unlimited',
    daysOrUnlimited,
    '30d',
    'How far back hunting sees, by the time of the event.',
  ),
  retentionDays: setting(
    'retention',
    'days such as 180d, or unlimited',
    daysOrUnlimited,
    'unlimited',
    'How long events are kept, from their arrival.',
  ),
  quotas: setting(
    'quotas',
    '2020-12, 2021-01, current or unlimited',
    oneOf('2020-12', '2021-01', 'current', 'unlimited'),
    'current',
    'Which published limits on calls, time and size hold; `unlimited` lifts them.',
  ),
  maxRows: setting(
    'max-rows',
    '1 and up',
    whole(1, 2 ** 31),
    '100000',
    'Most rows of an answer; more are cut.',
  ),
  maxResultBytes: setting(
    'max-result',
    'size, or unlimited',
    sizeOrUnlimited,
    undefined,
    'Most bytes of the rows of an answer; more are an error. Without it: as `quotas` says, 50MB in most.',
  ),
  requestTimeMs: setting(
    'request-time',
    'duration such as 3m, or unlimited',
    durationOrUnlimited,
    undefined,
    'Most time of one hunting request. Without it: as `quotas` says.',
  ),
  callsPerMinute: setting(
    'quota-calls',
    '1 and up, or unlimited',
    (value) => orUnlimited(value, whole(1, 1_000_000)),
    undefined,
    'Hunting calls of a tenant in 60 seconds. Without it: as `quotas` says.',
  ),
  runningMsPerHour: setting(
    'quota-hour',
    'duration such as 10m, or unlimited',
    durationOrUnlimited,
    undefined,
    'Running time of the queries of a tenant in 60 minutes. Without it: as `quotas` says.',
  ),
  runningMsPerDay: setting(
    'quota-day',
    'duration such as 4h, or unlimited',
    durationOrUnlimited,
    undefined,
    'Running time of the queries of a tenant in 24 hours. Without it: as `quotas` says.',
  ),
  cpuPercent: setting(
    'quota-cpu',
    'percent, 1 to 100, or unlimited',
    (value) => orUnlimited(value, whole(1, 100)),
    undefined,
    'Share of the processors that the queries of a tenant may use in 15 minutes. Without it: as `quotas` says.',
  ),
  audit: setting(
    'audit',
    'true or false',
    yesNo,
    'false',
    'Keep queries, tokens, administration and other calls in the table SpoorAuditEvents of their tenant.',
  ),
  boolTypeName: setting(
    'bool-type',
    'SByte or Boolean',
    oneOf('SByte', 'Boolean'),
    'SByte',
    'Name of the type bool in the `Schema` of answers.',
  ),
  v1TokenNumbers: setting(
    'v1-token-numbers',
    'numbers or strings',
    oneOf('numbers', 'strings'),
    'numbers',
    'How the v1 token endpoint writes times: as JSON numbers, or as strings like the live service.',
  ),
  passwordGrant: setting(
    'password-grant',
    'true or false',
    yesNo,
    'false',
    'Take the resource owner password grant, by which an application sees the password of its user.',
  ),
  plainPkce: setting(
    'plain-pkce',
    'true or false',
    yesNo,
    'false',
    'Take PKCE with the method `plain`; else only `S256`.',
  ),
  userConsent: setting(
    'user-consent',
    'true or false',
    yesNo,
    'true',
    'Let users agree for themselves to what an application asks; else an administrator must.',
  ),
  assertionReuse: setting(
    'assertion-reuse',
    'same-address or never',
    oneOf('same-address', 'never'),
    'same-address',
    'Who may send a signed client assertion again before it ends: its first sender, as MSAL does, or nobody.',
  ),
  trustedIssuers: setting(
    'trusted-issuers',
    'path',
    text,
    undefined,
    'YAML file of the outside issuers whose tokens are taken; see docs/identity.md.',
  ),
  keyRotationDays: setting(
    'key-rotation',
    'days such as 30d',
    days,
    '30d',
    'Age at which the key that signs tokens is replaced.',
  ),
  ingestMaxBodyBytes: setting(
    'ingest-max-body',
    'size',
    size,
    '1GiB',
    'Largest body of an ingest request, as it is sent.',
  ),
  ingestMaxInflatedBytes: setting(
    'ingest-max-inflated',
    'size',
    size,
    '16GiB',
    'Largest body of an ingest request after decompression.',
  ),
  ruleSlots: setting(
    'rule-slots',
    '1 to 64',
    whole(1, 64),
    '2',
    'Detection rules that run at the same time; the others wait.',
  ),
  ruleTimeMs: setting(
    'rule-time',
    'duration such as 3m',
    duration,
    '3m',
    'Most time of one run of a detection rule.',
  ),
  ruleMaxAlerts: setting(
    'rule-alerts',
    '1 to 10000',
    whole(1, 10_000),
    '150',
    'Most new alerts of one run of a rule that does not say it itself.',
  ),
  alertMergeMs: setting(
    'alert-merge',
    'duration such as 24h',
    duration,
    '24h',
    'Detections of one rule with the same title and impacted assets within this time make one alert.',
  ),
  siemBounds: setting(
    'siem-bounds',
    'since-exclusive or since-inclusive',
    oneOf('since-exclusive', 'since-inclusive'),
    'since-exclusive',
    'Which end belongs to an interval of the SIEM pull: `until` (a poller goes on from the newest it has) or `since`.',
  ),
  siemMalformedStatus: setting(
    'siem-malformed-status',
    '400 or 401',
    (value) => (oneOf('400', '401')(value) === '401' ? 401 : 400),
    '400',
    'Status of a SIEM pull with wrong parameters; the service itself documents 401.',
  ),
  compileThreads: setting('compile-threads', '1 to 64', whole(1, 64), '2', 'Threads that compile queries.'),
  compileTimeMs: setting(
    'compile-time',
    'duration such as 10s',
    duration,
    '10s',
    'Most time to compile one query.',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
/** `unlimited` is `'unlimited'`, so that it can be told from a setting that was not set. Sizes in bytes. */
export type Config = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer Value> ? Value : never;
};
