import { CliError } from './failure.ts';

/** A diagnostic as the server sends it. */
export interface DiagnosticText {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Prints each diagnostic as `line:column: code: message` and gives the failure to end with. */
export function refused(diagnostics: readonly DiagnosticText[]): CliError {
  const lines = diagnostics.map((d) => `${d.line}:${d.column}: ${d.code}: ${d.message}`);
  return new CliError('QueryRefused', `the query does not compile\n${lines.join('\n')}`);
}
