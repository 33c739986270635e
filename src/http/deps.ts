import type { FastifyBaseLogger } from 'fastify';
import type { Catalog } from '../catalog/catalog.ts';
import type { DetectionDesk } from '../detection/desk.ts';
import type { DetectionRoom } from '../detection/detection-room.ts';
import type { Inspection } from '../hunting/inspect.ts';
import type { FunctionLibrary } from '../hunting/library.ts';
import type { HuntCall, OpenHunt } from '../hunting/open.ts';
import type { QuotaStanding } from '../hunting/quota.ts';
import type { RunHunt } from '../hunting/run.ts';
import type { Watchlists } from '../hunting/watchlists.ts';
import type { Directory } from '../identity/directory.ts';
import type { KeyStore } from '../identity/key-store.ts';
import type { OutsideTokens } from '../identity/outside-tokens.ts';
import type { ServerAddress } from '../identity/server-address.ts';
import type { GrantParts } from '../identity/token-request.ts';
import type { TokenService } from '../identity/token-service.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import type { DeviceScope } from '../model/device-scope.ts';
import type { Column } from '../model/table-schema.ts';
import type { AdmitCall } from './call-limits.ts';

export interface BuiltInFunction {
  readonly name: string;
  readonly parameters: string;
  readonly columns?: readonly Column[];
}

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

/** The server itself. */
interface ServerDeps {
  readonly log: FastifyBaseLogger;
  readonly clock: Clock;
  readonly address: ServerAddress;
  /** Undefined: plain HTTP, no proxy. */
  readonly connection?: ServerConnection | undefined;
  /** Of this program. */
  readonly version: string;
  /** True when queries can run. Must not throw. */
  readonly isReady: () => Promise<boolean>;
  /** Keeps a call in the tenant's audit log; undefined where none is kept. */
  readonly audit?: ((tenant: string, event: AuditEvent) => void) | undefined;
}

/** Who asks. */
interface IdentityDeps {
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
  /** The devices that a caller sees; undefined is all. Rejects with `Forbidden` (403). */
  readonly deviceScope: (caller: Caller) => Promise<DeviceScope | undefined>;
}

interface HuntingDeps {
  readonly runHunt: RunHunt;
  /** A hunting call whose rows the caller shapes. */
  readonly openHunt: (call: HuntCall) => Promise<OpenHunt>;
  readonly quotaStanding: (tenant: string) => Promise<QuotaStanding>;
  /** The answer is sent as JSON, as it is. */
  readonly checkQuery: (...asked: Parameters<Inspection['check']>) => Promise<object>;
  readonly explainQuery: Inspection['explain'];
  readonly functions: Pick<FunctionLibrary, 'list' | 'put' | 'remove'>;
  readonly watchlists: Watchlists;
  /** What hunting queries can name. */
  readonly catalog: Catalog;
  /** The service's own functions: parameters in the language's notation, columns that are added. */
  readonly builtInFunctions: readonly BuiltInFunction[];
  /** Name of the type bool in `Schema`. */
  readonly boolTypeName: 'SByte' | 'Boolean';
}

interface IngestDeps {
  readonly ingestStream: Ingest['ingestStream'];
  readonly ingestLimits: IngestLimits;
}

interface DetectionDeps {
  readonly detection: DetectionDesk;
  readonly rules: Pick<DetectionRoom, 'rules' | 'backtest' | 'alertByReference'>;
  readonly siem: SiemSettings;
  /** Undefined where calls of the alert APIs are not limited. */
  readonly admitCall: AdmitCall | undefined;
}

/** What `buildApp` connects to HTTP. Use cases fail with `RequestError`; anything else is a bug and answers 500. */
export interface AppDeps extends ServerDeps, IdentityDeps, HuntingDeps, IngestDeps, DetectionDeps {}
