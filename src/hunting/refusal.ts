import type { Diagnostic } from '../kql/index.ts';
import { RequestError } from '../model/request-error.ts';
import { serviceText } from './service-text.ts';

/** A query that does not compile. Other APIs than Defender's tell more of it than the public message. */
export class QueryRefusal extends RequestError {
  /** The one that the message is of. */
  readonly diagnostic: Diagnostic;
  /** Its sentence in the service's words, without the hint. */
  readonly sentence: string;
  readonly query: string;

  constructor(query: string, diagnostic: Diagnostic, message: string, sentence: string, detail: string) {
    super('BadRequest', 400, message, { detail });
    this.name = 'QueryRefusal';
    this.diagnostic = diagnostic;
    this.sentence = sentence;
    this.query = query;
  }
}

/** The engine gave a query up; `code` of the database, in the public words of the service. */
export class EngineRefusal extends RequestError {
  readonly engineCode: string;

  constructor(error: RequestError, message: string) {
    super('BadRequest', 400, message, {
      cause: error,
      detail: `${error.code}: ${error.detail ?? error.message}`,
    });
    this.name = 'EngineRefusal';
    this.engineCode = error.code;
  }
}

/**
 * The answer to a query that does not compile: the first diagnostic in the service's words, its place as private
 * detail. The hint follows Kusto's sentence with a full stop of its own, so a sentence that has one ends in two; real
 * clients match on that.
 */
export function compileRefusal(query: string, diagnostics: readonly Diagnostic[]): QueryRefusal {
  const first = diagnostics.find(({ kind }) => kind === 'syntax') ?? diagnostics[0];
  if (first === undefined) throw new Error('the compiler refused a query without a diagnostic');
  const hint = first.kind === 'syntax' ? 'Fix syntax errors' : 'Fix semantic errors';
  const sentence = serviceText(query, first);
  const detail = diagnostics.map((d) => `${d.code} ${d.line}:${d.column} ${d.message}`).join('\n');
  return new QueryRefusal(query, first, `${sentence}. ${hint} in your query.`, sentence, detail);
}

/** Failures of the engine in the words that the service uses for them; anything else is passed on unchanged. */
export function engineRefusal(error: unknown): unknown {
  if (!(error instanceof RequestError)) return error;
  const message = ENGINE_TEXTS[error.code];
  if (message === undefined) return error;
  return new EngineRefusal(error, message);
}

const ENGINE_TEXTS: Readonly<Record<string, string>> = {
  QueryTimeout: 'Query exceeded the timeout period.',
  QueryMemoryExceeded: 'Query stopped due to excessive resource consumption.',
};

export function resultTooLarge(): RequestError {
  return new RequestError(
    'BadRequest',
    400,
    'Query execution has exceeded the allowed result size. ' +
      'Optimize your query by limiting the amount of results and try again.',
  );
}

export function missingQuery(): RequestError {
  return new RequestError('InvalidRequestBody', 400, 'Missing query.');
}
