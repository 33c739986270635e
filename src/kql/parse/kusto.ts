import { createRequire } from 'node:module';

/**
 * Microsoft's parser and binder (MIT), the only door to it. Its JavaScript is translated from C# and carries no usable
 * types, so this folder is the one place where `any` is allowed; nothing of it leaves the folder but `Node`.
 */
const require = createRequire(import.meta.url);
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');

// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;

const globals = globalThis as Untyped;
export const Kusto: Untyped = globals.Kusto.Language;
export const System: Untyped = globals.System;
export type KustoObject = Untyped;

const names = new Map<number, string>();
for (const name of Object.keys(Kusto.Syntax.SyntaxKind)) {
  const value = Kusto.Syntax.SyntaxKind[name];
  if (typeof value === 'number') names.set(value, name);
}

/** The name of a syntax kind: `FilterOperator`, `EqualExpression`. */
export function syntaxKindName(kind: number): string {
  return names.get(kind) ?? `Kind${kind}`;
}

/** A .NET list as an array. */
export function listOf(list: Untyped): Untyped[] {
  if (!list) return [];
  if (Array.isArray(list)) return list;
  return Array.from({ length: list.Count }, (_, i) => list.getItem(i));
}
