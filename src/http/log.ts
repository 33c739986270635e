import { type DestinationStream, type Logger, pino } from 'pino';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_MEMBERS = [
  'authorization',
  'cookie',
  'client_secret',
  'clientSecret',
  'access_token',
  'password',
];

/**
 * The server's log: JSON lines, on standard error unless told otherwise. Secrets and tokens are blotted out wherever
 * they could come along; bodies and query strings are never logged in the first place.
 */
export function makeLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      redact: SECRET_MEMBERS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    },
    destination,
  );
}
