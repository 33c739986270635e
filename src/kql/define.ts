import type { SavedFunction } from '../model/library.ts';
import type { CatalogView } from '../model/table-schema.ts';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import { ENRICHMENTS } from './enrichments.ts';
import { type CompileOptions, compileStep, type Refused } from './index.ts';
import { withLibrary } from './library.ts';
import { bind } from './parse/bind.ts';
import { declaredCall } from './parse/declared-call.ts';
import { languageNames } from './parse/names.ts';

export interface Defined {
  readonly ok: true;
  /** The tenant's saved functions that the body calls. */
  readonly calls: readonly string[];
}

/**
 * Is this a function that queries can call? Its body is bound where only the catalogue and the other functions of
 * `options.library` are known, and a call of it is compiled with plain values and empty tables for its arguments. Positions
 * of faults count from the start of the body; a fault of the parameters stands at 0.
 */
export function define(
  saved: SavedFunction,
  catalog: CatalogView,
  options: CompileOptions,
): Defined | Refused {
  if (isTaken(saved.name, catalog)) return refuse(saved, `\`${saved.name}\` is a name of the language`);
  const { library } = options;
  const others = library && {
    ...library,
    version: `${library.version}-${saved.name}`,
    functions: library.functions.filter(({ name }) => name !== saved.name),
  };
  const head = `let ${saved.name} = ${saved.parameters} {\n`;
  const text = `${head}${saved.body}\n};\n`;
  const bound = bind(`${text}print 1`, withLibrary(catalog, others));
  if (!bound.ok) return { ok: false, diagnostics: bound.diagnostics.map(inBody) };
  const names = new Set(others?.functions.map(({ name }) => name));
  const declared = declaredCall(bound.root, saved.name, names);
  if (!declared) return refuse(saved, 'this is not one function');
  if (declared.call !== undefined) {
    const called = compileStep(`${text}${declared.call}`, catalog, { ...options, library: others });
    if (called.ok === false) return { ok: false, diagnostics: called.diagnostics.map(inBody) };
  }
  return { ok: true, calls: declared.calls };

  function inBody(fault: Diagnostic): Diagnostic {
    const start = Math.min(Math.max(0, fault.start - head.length), saved.body.length);
    return diagnosticAt(saved.body, { ...fault, start });
  }
}

function refuse(saved: SavedFunction, message: string): Refused {
  const fault = { code: 'SPOOR002', kind: 'semantic', message, start: 0, length: 0 } as const;
  return { ok: false, diagnostics: [diagnosticAt(saved.body, fault)] };
}

function isTaken(name: string, { tables, tableAliases }: CatalogView): boolean {
  const { functions, aggregates, plugins } = languageNames();
  const service = ['_GetWatchlist', '_GetWatchlistAlias', ...ENRICHMENTS.map((one) => one.name)];
  return [
    ...functions,
    ...aggregates,
    ...plugins,
    ...service,
    ...tables.keys(),
    ...tableAliases.keys(),
  ].includes(name);
}
