/**
 * A failure of the request: thrown, caught by the HTTP room and turned into the family's error body.
 * `message` is public: it never carries SQL, a stack, a path or a secret. `detail` is for the log only.
 */
export class RequestError extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string | undefined;
  /** Seconds until a repeat can succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { detail?: string; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RequestError';
    this.code = code;
    this.status = status;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
