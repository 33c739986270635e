import { AGGREGATIONS } from './aggregates/index.ts';
import { WINDOWS } from './aggregates/windows.ts';
import { SCALARS } from './beside/scalars/index.ts';
import { FUNCTIONS } from './functions/index.ts';
import { SPECIAL } from './lower/call.ts';
import { PLUGINS } from './lower/operators/evaluate.ts';
import { GRAPH_FUNCTIONS } from './lower/operators/graph/elements.ts';
import { OPERATORS } from './lower/operators/index.ts';
import { TABLE_FUNCTIONS } from './lower/relation.ts';
import { languageNames } from './parse/names.ts';
import { UNSUPPORTED } from './unsupported.ts';

/** Every name of the language that is supported, by kind. */
export const SUPPORTED = {
  functions: new Set([
    ...Object.keys({ ...FUNCTIONS, ...SCALARS, ...WINDOWS, ...SPECIAL, ...TABLE_FUNCTIONS }),
    ...GRAPH_FUNCTIONS,
  ]),
  aggregates: new Set(Object.keys(AGGREGATIONS)),
  plugins: new Set(Object.keys(PLUGINS)),
} as const;

/** docs/language.md: how much of KQL is here, and why the rest is not. */
export function languagePage(): string {
  const names = languageNames();
  const row = (title: string, all: readonly string[], has: ReadonlySet<string>): string =>
    `| ${title} | ${all.filter((name) => has.has(name)).length} | ${all.length} |`;
  const operators = Object.keys(OPERATORS)
    .map((name) => `\`${name.replace(/Operator$/, '')}\``)
    .sort();
  return [
    '# How much of KQL is here',
    '',
    "The names are those that Microsoft's binder knows. This page is printed from the compiler's own tables.",
    '',
    '| | supported | in the language |',
    '| --- | --- | --- |',
    row('scalar functions', names.functions, SUPPORTED.functions),
    row('aggregations', names.aggregates, SUPPORTED.aggregates),
    row('plug-ins', names.plugins, SUPPORTED.plugins),
    '',
    `Operators after a pipe: ${operators.join(', ')}.`,
    '',
    'A query that uses anything else is refused with a code, the name and its place; it never reaches the engine.',
    '',
    '## What is refused, and why',
    ...UNSUPPORTED.flatMap(({ reason, names: refused }) => [
      '',
      `**It ${reason}:** ${refused.map((name) => `\`${name}\``).join(', ')}.`,
    ]),
    '',
  ].join('\n');
}
