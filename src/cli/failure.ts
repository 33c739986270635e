/** Exit codes of every command: 0 done, 1 failed, 2 wrong usage. */
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** A failure that the user is told as `code: message`. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, exitCode: number = EXIT_FAILURE) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

export function usageError(message: string): CliError {
  return new CliError('Usage', message, EXIT_USAGE);
}

/** Writes a failure to standard error and gives the exit code. */
export function reportFailure(error: unknown): number {
  const { code, message } = codeAndMessage(error);
  process.stderr.write(`${code}: ${message}\n`);
  if (error instanceof CliError) return error.exitCode;
  // Settings are part of how a command is called.
  return code === 'BadSetting' || code === 'UnknownSetting' ? EXIT_USAGE : EXIT_FAILURE;
}

function codeAndMessage(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'Failure', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'Failure';
  return { code, message: error.message };
}
