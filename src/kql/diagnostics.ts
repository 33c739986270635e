/** A fault of the query, for its author. Positions count UTF-16 units from 0; line and column from 1. */
export interface Diagnostic {
  readonly code: string;
  readonly kind: 'syntax' | 'semantic' | 'unsupported';
  /** Lower case, names in backticks, no full stop; never SQL. The binder's own messages keep their form. */
  readonly message: string;
  readonly start: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export interface Place {
  readonly start: number;
  readonly length: number;
}

/** A fault found while lowering or printing; compile() turns it into a Diagnostic. */
export class QueryFault extends Error {
  readonly code: string;
  readonly kind: Diagnostic['kind'];
  readonly place: Place;

  constructor(code: string, kind: Diagnostic['kind'], message: string, place: Place) {
    super(message);
    this.name = 'QueryFault';
    this.code = code;
    this.kind = kind;
    this.place = { start: place.start, length: place.length };
  }
}

/** A construct that has no meaning here, or none yet: the message names it. */
export function unsupported(what: string, place: Place): QueryFault {
  return new QueryFault('SPOOR001', 'unsupported', `${what} is not supported`, place);
}

/** A value that the construct cannot take. */
export function invalid(message: string, place: Place): QueryFault {
  return new QueryFault('SPOOR002', 'semantic', message, place);
}

export function diagnosticAt(
  text: string,
  fault: { code: string; kind: Diagnostic['kind']; message: string; start: number; length: number },
): Diagnostic {
  const before = text.slice(0, fault.start);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { ...fault, line: before.split('\n').length, column: fault.start - lineStart + 1 };
}
