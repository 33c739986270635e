import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { Catalog } from '../catalog/catalog.ts';
import type { DetectionDesk } from '../detection/desk.ts';
import type { DetectionRoom } from '../detection/detection-room.ts';
import type { FunctionLibrary } from '../hunting/library.ts';
import type { HuntCall, Interval, OpenHunt } from '../hunting/open.ts';
import type { QuotaStanding } from '../hunting/quota.ts';
import type { Watchlists } from '../hunting/watchlists.ts';
import type { Directory } from '../identity/directory.ts';
import type { KeyStore } from '../identity/key-store.ts';
import type { OutsideTokens } from '../identity/outside-tokens.ts';
import type { ServerAddress } from '../identity/server-address.ts';
import type { GrantParts } from '../identity/token-request.ts';
import type { TokenService } from '../identity/token-service.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import type { DeviceScope } from '../model/device-scope.ts';
import type { IngestCounts } from '../model/ingest-counts.ts';
import type { Column } from '../model/table-schema.ts';

/** One whole answer of a hunting query, already measured. */
export interface HuntAnswer {
  readonly rowCount?: number;
  readonly truncated: boolean;
  readonly warnings: readonly string[];
  /** Bytes of the body. */
  readonly contentLength: number;
  /** JSON text: `Stats`, `Schema`, `Results`, in this order. */
  body(): Buffer | Readable;
  dispose(): Promise<void>;
}

export interface HuntRequest {
  readonly caller: Caller;
  readonly query: string;
  readonly signal: AbortSignal;
  /** Narrows what the query sees. */
  readonly interval?: Interval | undefined;
  /** Undefined: `defender`. */
  readonly shape?: 'defender' | 'graph';
  /** The URL that `@odata.context` begins with. */
  readonly origin?: string;
}

export interface BuiltInFunction {
  readonly name: string;
  readonly parameters: string;
  readonly columns?: readonly Column[];
}

export const EXPLAIN_STAGES = ['bound', 'plan', 'optimized', 'sql'] as const;
export type ExplainStage = (typeof EXPLAIN_STAGES)[number];

export const INGEST_FORMATS = ['auto', 'records', 'csv', 'windows'] as const;
export type IngestFormat = (typeof INGEST_FORMATS)[number];

export interface IngestRequest {
  readonly tenant: string;
  readonly format: IngestFormat;
  readonly table: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** How the input is named in reports: a file's name, or the request's id. */
  readonly name: string;
  /** Already inflated. Fails with a `RequestError` when it is too large or badly compressed. */
  readonly body: Readable;
  readonly rebase: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
}

/** How far one file, or one member of an archive, has been read. */
export interface IngestProgress {
  readonly file: string;
  /** Of the unpacked content. */
  readonly bytes: number;
  readonly events: number;
}

export type { IngestCounts } from '../model/ingest-counts.ts';

export interface IngestLimits {
  /** Bytes of a body as sent. */
  readonly maxBodyBytes: number;
  /** Bytes of a body after inflation. */
  readonly maxInflatedBytes: number;
}

export interface SiemSettings {
  /** Which end of an interval belongs to it. */
  readonly bounds: 'since-exclusive' | 'since-inclusive';
  /** Status of a pull with wrong parameters. */
  readonly malformedStatus: 400 | 401;
}

/** How connections come in. */
export interface ServerConnection {
  /** PEM; undefined is plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Whose `X-Forwarded-*` are believed: addresses or networks. */
  readonly trustedProxies: readonly string[];
}

/** What `buildApp` connects to HTTP. Use cases fail with `RequestError`; anything else is a bug and answers 500. */
export interface AppDeps {
  readonly log: FastifyBaseLogger;
  readonly clock: Clock;
  readonly address: ServerAddress;
  /** Undefined: plain HTTP, no proxy. */
  readonly connection?: ServerConnection | undefined;
  readonly directory: Directory;
  readonly keys: KeyStore;
  readonly tokens: TokenService;
  /** What sign-in, consent and the pages work with. */
  readonly grants: GrantParts;
  /** Tokens of trusted issuers. */
  readonly outside: OutsideTokens;
  readonly cliKey: string;
  /** Tenant of the command line's calls that name none. */
  readonly defaultTenant: string | undefined;
  readonly ingestLimits: IngestLimits;
  readonly siem: SiemSettings;
  /** The devices that a caller sees; undefined is all. Rejects with `Forbidden` (403). */
  readonly deviceScope: (caller: Caller) => Promise<DeviceScope | undefined>;
  readonly detection: DetectionDesk;
  readonly rules: Pick<DetectionRoom, 'rules' | 'backtest' | 'alertByReference'>;
  readonly runHunt: (request: HuntRequest) => Promise<HuntAnswer>;
  /** A hunting call whose rows the caller shapes. */
  readonly openHunt: (call: HuntCall) => Promise<OpenHunt>;
  readonly quotaStanding: (tenant: string) => Promise<QuotaStanding>;
  readonly functions: Pick<FunctionLibrary, 'list' | 'put' | 'remove'>;
  readonly watchlists: Watchlists;
  /** Keeps a call in the tenant's audit log; undefined where none is kept. */
  readonly audit?: ((tenant: string, event: AuditEvent) => void) | undefined;
  /** Of this program. */
  readonly version: string;
  /** What hunting queries can name. */
  readonly catalog: Catalog;
  /** The service's own functions: parameters in the language's notation, columns that are added. */
  readonly builtInFunctions: readonly BuiltInFunction[];
  /** Name of the type bool in `Schema`. */
  readonly boolTypeName: 'SByte' | 'Boolean';
  readonly ingestStream: (request: IngestRequest) => Promise<IngestCounts>;
  /** The answer is sent as JSON, as it is. */
  readonly checkQuery: (request: { readonly tenant: string; readonly query: string }) => Promise<object>;
  readonly explainQuery: (request: {
    readonly tenant: string;
    readonly query: string;
    readonly stage: ExplainStage;
  }) => Promise<string>;
  /** True when queries can run. Must not throw. */
  readonly isReady: () => Promise<boolean>;
}
