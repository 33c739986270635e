import type { KqlType } from '../../model/kql-type.ts';
import type { Node } from './node.ts';

export interface DeclaredCall {
  /** A call with a value or an empty table for each argument; undefined where a table of any columns is wanted. */
  readonly call: string | undefined;
  /** Those of `names` that the body calls. */
  readonly calls: readonly string[];
}

/** The function that a text of one `let` and one more statement declares; undefined for any other text. */
export function declaredCall(root: Node, name: string, names: ReadonlySet<string>): DeclaredCall | undefined {
  const statements = root.items('Statements');
  const [first, second] = statements;
  if (statements.length !== 2 || first?.form !== 'LetStatement' || second?.form !== 'ExpressionStatement')
    return undefined;
  const declaration = first.need('Expression');
  if (declaration.form !== 'FunctionDeclaration' || first.need('Name').simpleName !== name) return undefined;
  const args = declaration.need('Parameters').items('Parameters').map(argumentFor);
  const call = args.includes(undefined) ? undefined : `${name}(${args.join(', ')})`;
  return { call, calls: [...new Set(calledNames(declaration.need('Body')))].filter((one) => names.has(one)) };
}

function argumentFor(parameter: Node): string | undefined {
  const type = parameter.need('NameAndType').need('Type');
  const name = parameter.need('NameAndType').need('Name');
  if (name.bound?.kind === 'scalar') return SAMPLES[name.bound.type];
  return type.text.includes('*') ? undefined : `(datatable${type.text}[])`;
}

/** A value of each type that most bodies can take: nulls are no number of rows, no size of a bin. */
const SAMPLES: Readonly<Record<KqlType, string>> = {
  bool: 'true',
  int: 'int(1)',
  long: '1',
  real: '1.0',
  decimal: 'decimal(1)',
  string: "'a'",
  datetime: 'datetime(2024-01-01)',
  timespan: '1d',
  guid: 'guid(00000000-0000-0000-0000-000000000001)',
  dynamic: 'dynamic([])',
};

function calledNames(node: Node): string[] {
  if (node.isToken) return [];
  const own = node.form === 'NameReference' && node.symbol?.kind === 'function' ? [node.simpleName] : [];
  return [...own, ...node.children().flatMap(calledNames)];
}
