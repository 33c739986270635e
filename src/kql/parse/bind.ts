import type { CatalogView } from '../../model/table-schema.ts';
import { type Diagnostic, diagnosticAt, QueryFault } from '../diagnostics.ts';
import { covarianceNames } from './covariance.ts';
import { tooDeepAt } from './depth.ts';
import { fuzzyLegs } from './fuzzy.ts';
import { globalsFor } from './globals.ts';
import { innerUnions } from './inner-union.ts';
import { Kusto, type KustoObject, listOf } from './kusto.ts';
import type { MadeColumns } from './made-columns.ts';
import { mendsFor } from './mend.ts';
import { Node } from './node.ts';
import { ownServer } from './own-server.ts';
import { type Edit, type MendedText, mended, unmended } from './positions.ts';
import { remembered } from './remembered.ts';
import { openSchemas } from './unpack.ts';
import { viewWildcards } from './view-wildcards.ts';

export type BindResult =
  | { readonly ok: true; readonly root: Node; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Rounds of mending; a chain such as `a.b.c` needs one for each of its strings. */
const MAX_ROUNDS = 8;

interface Reading {
  readonly mended: MendedText;
  readonly code: KustoObject;
  readonly faults: readonly KustoObject[];
}

/**
 * Parses and binds. A text that fails strictly is bound again with the leniences that the hunting service has and the
 * binder has not. Positions are always those of the text as given. `hosts` are the names that this server goes by.
 */
export function bind(
  text: string,
  catalog: CatalogView,
  made: MadeColumns = NOTHING_MADE,
  hosts: readonly string[] = [],
): BindResult {
  if (made.size > 0) return bindAnew(text, catalog, made, hosts);
  const key = text.includes('cluster') ? [...hosts, text].join('\n') : text;
  return remembered(key, catalog, () => bindAnew(text, catalog, made, hosts));
}

const NOTHING_MADE: MadeColumns = new Map();

function bindAnew(
  text: string,
  catalog: CatalogView,
  made: MadeColumns,
  hosts: readonly string[],
): BindResult {
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const message = 'the query is nested too deeply';
    const fault = { code: 'SPOOR005', kind: 'unsupported', message, start: deep, length: 1 } as const;
    return { ok: false, diagnostics: [diagnosticAt(text, fault)] };
  }
  const globals = globalsFor(catalog);
  let used = globals.strict;
  let given = unmended(text);
  let reading = read(given, used);
  const edit = (edits: readonly Edit[]): void => {
    if (edits.length === 0) return;
    given = mended(given, edits);
    reading = read(given, used);
  };
  edit(ownServer(reading.code.Syntax, text, hosts));
  const fuzzy = fuzzyLegs(reading.code.Syntax, given.text);
  edit(fuzzy.edits);
  edit(viewWildcards(reading.code.Syntax, given.text, catalog));
  edit(innerUnions(reading.code.Syntax, given.text));
  edit(text.includes('covariance') ? covarianceNames(reading.code.Syntax) : []);
  if (reading.faults.length > 0) {
    used = globals.lenient;
    reading = mend(read(given, used), used);
  }
  if (reading.faults.length === 0) {
    const known = openSchemas(reading.code.Syntax, made, reading.mended, (edits) => {
      const next = mend(read(mended(reading.mended, edits), used), used);
      return { faults: next.faults, accept: next };
    });
    if (known) reading = known;
  }
  const { code, faults, mended: result } = reading;
  if (faults.length === 0) {
    const warnings = fuzzy.unknown.map((name) => `\`union\` left out the unknown table \`${name}\``);
    return { ok: true, root: new Node(code.Syntax, result.original), warnings };
  }
  return { ok: false, diagnostics: faults.map((fault) => toDiagnostic(text, fault, result.original)) };
}

/** Loads the grammar, which is built lazily: the first parse takes about a second. */
export function warm(catalog: CatalogView): void {
  for (const globals of Object.values(globalsFor(catalog))) {
    Kusto.KustoCode.ParseAndAnalyze('print x = 1 | where x > 0 | summarize count() by x', globals);
  }
}

function read(text: MendedText, globals: KustoObject): Reading {
  const code = analyzed(text.text, globals);
  const faults = listOf(code.GetDiagnostics()).filter((diagnostic) => diagnostic.Severity === 'Error');
  return { mended: text, code, faults };
}

/** The binder breaks on some texts that mean nothing, such as `graph-match` of a table: the fault is the text's. */
function analyzed(text: string, globals: KustoObject): KustoObject {
  try {
    return Kusto.KustoCode.ParseAndAnalyze(text, globals);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const whole = { start: 0, length: text.length };
    throw new QueryFault('SPOOR002', 'semantic', 'the text has no meaning that the binder can find', whole);
  }
}

function mend(first: Reading, globals: KustoObject): Reading {
  let reading = first;
  for (let round = 0; round < MAX_ROUNDS && reading.faults.length > 0; round++) {
    const edits = mendsFor(reading.faults, reading.code.Syntax, reading.mended.text);
    if (edits.length === 0) break;
    reading = read(mended(reading.mended, edits), globals);
  }
  return reading;
}

function toDiagnostic(text: string, fault: KustoObject, original: (position: number) => number): Diagnostic {
  const syntax =
    fault.Category !== Kusto.DiagnosticCategory.Correctness && /^KS(00\d|17[56])/.test(fault.Code);
  const start = original(fault.Start);
  return diagnosticAt(text, {
    code: fault.Code,
    kind: syntax ? 'syntax' : 'semantic',
    message: fault.Message,
    start,
    length: Math.max(original(fault.Start + fault.Length) - start, 0),
  });
}
