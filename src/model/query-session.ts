/** Who asks a query and where it runs: what functions such as `current_principal()` tell. Never one caller's to another. */
export interface QuerySession {
  /** Undefined where a text is only looked at, and nobody asks it. */
  readonly principal: Principal | undefined;
  /** What the server calls itself: its host, with the port where it is no usual one. */
  readonly host: string;
  /** Every name that the server goes by, lower case, each without its port and with it. */
  readonly hosts: readonly string[];
  /** The arrival number up to which every row of the tenant is stored; 0 before the first. */
  readonly cursor: bigint;
}

export interface Principal {
  readonly kind: 'user' | 'app';
  /** A user's object id or an application's client id, a lower-case GUID. */
  readonly id: string;
  /** Tenant id, a lower-case GUID. */
  readonly tenant: string;
  /** Of the user or of the application's service principal; undefined where the directory does not know it. */
  readonly objectId: string | undefined;
  /** The sign-in name of a user whom the directory knows, lower case. */
  readonly upn: string | undefined;
  /** The name to show; undefined where the directory does not know it. */
  readonly name: string | undefined;
}

/** For a text that nobody asks. */
export const NOBODYS_SESSION: QuerySession = { principal: undefined, host: '', hosts: [], cursor: 0n };
