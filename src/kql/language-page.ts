import { AGGREGATIONS } from './aggregates/index.ts';
import { WINDOWS } from './aggregates/windows.ts';
import { SCALARS } from './beside/scalars/index.ts';
import { FUNCTIONS } from './functions/index.ts';
import { SPECIAL } from './lower/call.ts';
import { PLUGINS } from './lower/operators/evaluate.ts';
import { GRAPH_FUNCTIONS } from './lower/operators/graph/elements.ts';
import { OPERATORS } from './lower/operators/index.ts';
import { OPENINGS, PLACE_FUNCTIONS, TABLE_FUNCTIONS } from './lower/relation.ts';
import { languageNames, operatorName } from './parse/names.ts';
import { UNDOCUMENTED, UNSUPPORTED } from './unsupported.ts';

/** Every name of the language that is supported, by kind. */
export const SUPPORTED = {
  functions: new Set([
    ...Object.keys({ ...FUNCTIONS, ...SCALARS, ...WINDOWS, ...SPECIAL, ...TABLE_FUNCTIONS }),
    ...GRAPH_FUNCTIONS,
    ...PLACE_FUNCTIONS,
  ]),
  aggregates: new Set(Object.keys(AGGREGATIONS)),
  plugins: new Set(Object.keys(PLUGINS)),
  operators: new Set([...Object.keys(OPERATORS), ...OPENINGS].map(operatorName)),
} as const;

type Kind = keyof typeof SUPPORTED;

const TITLES: readonly (readonly [Kind, string])[] = [
  ['functions', 'scalar functions'],
  ['aggregates', 'aggregations'],
  ['plugins', 'plug-ins'],
  ['operators', 'operators'],
];

/** Names that the reference has and the binder lacks. */
const BEYOND_THE_BINDER: Readonly<Record<Kind, readonly string[]>> = {
  functions: [],
  aggregates: [],
  plugins: ['diffpatterns_text', 'schema_merge'],
  operators: ['inline_external_table'],
};

/** What the language has of a kind: the binder's names and the reference's, without those that no page tells about. */
export function ledger(kind: Kind): readonly string[] {
  const outside = new Set(UNDOCUMENTED.names);
  return [...languageNames()[kind], ...BEYOND_THE_BINDER[kind]].filter((name) => !outside.has(name));
}

/** docs/language.md: how much of KQL is here, and why the rest is not. */
export function languagePage(): string {
  const rows = TITLES.map(([kind, title]) => {
    const all = ledger(kind);
    return { title, all: all.length, here: all.filter((name) => SUPPORTED[kind].has(name)).length };
  });
  const all = rows.reduce((sum, row) => sum + row.all, 0);
  const here = rows.reduce((sum, row) => sum + row.here, 0);
  return [
    '# How much of KQL is here',
    '',
    "The names are those that Microsoft's binder knows, and those of the reference that it lacks. This page is printed from",
    "the compiler's own tables.",
    '',
    '| | supported | in the language |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.title} | ${row.here} | ${row.all} |`),
    `| together | ${here} | ${all} |`,
    '',
    `${all - here} names are refused, ${(((all - here) / all) * 100).toFixed(1)} % of them all.`,
    '',
    `Operators: ${list([...SUPPORTED.operators].sort())}.`,
    '',
    'A query that uses anything else is refused with a code, the name and its place; it never reaches the engine.',
    '',
    '## What is refused, and why',
    ...UNSUPPORTED.flatMap(({ reason, names: refused }) => ['', `**It ${reason}:** ${list(refused)}.`]),
    '',
    '## What is not counted',
    '',
    `${UNDOCUMENTED.names.length} names that the binder knows are refused and stand in no figure above, for no page tells what they mean, and most are hidden`,
    `from whoever writes a query: ${list(UNDOCUMENTED.names)}.`,
    '',
  ].join('\n');
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
