/** Who asks: made from a verified token or the command line's key, never from a request body. */
export interface Caller {
  /** Tenant id, a lower-case GUID. */
  readonly tenant: string;
  /** Client id of the application, a lower-case GUID. */
  readonly app: string;
  /** Object id of the user, or undefined for an application's own token. */
  readonly user: string | undefined;
  /** Application permissions (`roles`), as granted. */
  readonly roles: readonly string[];
  /** Delegated permissions (`scp`), as granted. */
  readonly scopes: readonly string[];
  /** The audience (resource) that the token was made for. */
  readonly audience: string;
}
