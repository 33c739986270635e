import type { CatalogView } from '../../model/table-schema.ts';
import { type Diagnostic, diagnosticAt } from '../diagnostics.ts';
import { globalsFor } from './globals.ts';
import { Kusto, type KustoObject, listOf } from './kusto.ts';
import { Node } from './node.ts';

export type BindResult =
  | { readonly ok: true; readonly root: Node; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Parses and binds. A text that fails strictly is bound again with the leniences that the hunting service has and the
 * binder has not; the strict faults are answered if that fails too. Positions are those of the text as given.
 */
export function bind(text: string, catalog: CatalogView): BindResult {
  const globals = globalsFor(catalog);
  const code = Kusto.KustoCode.ParseAndAnalyze(text, globals.strict);
  const faults = errorsOf(code);
  if (faults.length === 0) return { ok: true, root: new Node(code.Syntax), text };

  const mended = mendText(text, faults);
  const lenient = Kusto.KustoCode.ParseAndAnalyze(mended, globals.lenient);
  const remaining = errorsOf(lenient);
  if (remaining.length === 0) return { ok: true, root: new Node(lenient.Syntax), text: mended };
  return { ok: false, diagnostics: faults.map((fault) => toDiagnostic(text, fault)) };
}

/** Loads the grammar, which is built lazily: the first parse takes about a second. */
export function warm(catalog: CatalogView): void {
  for (const globals of Object.values(globalsFor(catalog))) {
    Kusto.KustoCode.ParseAndAnalyze('print x = 1 | where x > 0 | summarize count() by x', globals);
  }
}

/** Blanks what the service overlooks, keeping every position: a trailing comma before a closing bracket. */
function mendText(text: string, faults: readonly KustoObject[]): string {
  let mended = text;
  for (const fault of faults) {
    if (fault.Code !== 'KS006') continue;
    const before = mended.slice(0, fault.Start).replace(/\s+$/, '');
    if (before.endsWith(',')) {
      mended = `${before.slice(0, -1)} ${mended.slice(before.length)}`;
    }
  }
  return mended;
}

function errorsOf(code: KustoObject): KustoObject[] {
  return listOf(code.GetDiagnostics()).filter((diagnostic) => diagnostic.Severity === 'Error');
}

function toDiagnostic(text: string, fault: KustoObject): Diagnostic {
  const syntax =
    fault.Category !== Kusto.DiagnosticCategory.Correctness && /^KS(00\d|17[56])/.test(fault.Code);
  return diagnosticAt(text, {
    code: fault.Code,
    kind: syntax ? 'syntax' : 'semantic',
    message: fault.Message,
    start: fault.Start,
    length: fault.Length,
  });
}
