import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import { Kusto, type KustoObject, listOf, syntaxKindName } from './kusto.ts';

/** What the binder says an expression yields. */
export type Bound =
  | { readonly kind: 'scalar'; readonly type: KqlType }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly open: boolean }
  | { readonly kind: 'tuple'; readonly columns: readonly Column[] }
  | { readonly kind: 'graph' }
  | { readonly kind: 'other'; readonly name: string };

export interface NodeSymbol {
  readonly kind:
    | 'column'
    | 'table'
    | 'database'
    | 'variable'
    | 'parameter'
    | 'function'
    | 'pattern'
    | 'other';
  readonly name: string;
}

/** One bound syntax node, as the rest of the compiler sees it. Nothing of the parser's objects shows. */
export class Node {
  readonly #syntax: KustoObject;
  readonly #original: (position: number) => number;

  /** `original` turns a position of the parsed text into one of the text as given. */
  constructor(syntax: KustoObject, original: (position: number) => number) {
    this.#syntax = syntax;
    this.#original = original;
  }

  /** The syntax kind: `FilterOperator`, `EqualExpression`, `LongLiteralExpression`. */
  get kind(): string {
    return syntaxKindName(this.#syntax.Kind);
  }

  /** The class of node: `BinaryExpression` for every binary operator. */
  get form(): string {
    const name: string = this.#syntax.constructor.$$name ?? '';
    return name.slice(name.lastIndexOf('.') + 1);
  }

  /** Text without the blanks and comments before it. */
  get text(): string {
    return this.#syntax.IsToken
      ? this.#syntax.Text
      : this.#syntax.toString(0).slice(this.#syntax.TriviaWidth).trimEnd();
  }

  get start(): number {
    return this.#original(this.#syntax.TextStart);
  }

  get length(): number {
    return this.#original(this.#syntax.TextStart + this.#syntax.Width) - this.start;
  }

  /** True where the parser only took note that something is missing. */
  get missing(): boolean {
    return this.#syntax.IsMissing === true;
  }

  /**
   * Names the place of a plug-in call in the text, the same however the text was mended. All of a function's body stands
   * at its call, so there the text of the plug-in call names it.
   */
  get slot(): string {
    return this.length === 0 ? `text:${this.need('FunctionCall').text}` : `at:${this.start}`;
  }

  /** The child of that name, or undefined where the text has none. */
  child(name: string): Node | undefined {
    const child = this.#syntax[name];
    return child ? new Node(child, this.#original) : undefined;
  }

  /** The child of that name; its absence is a bug of ours. */
  need(name: string): Node {
    const child = this.child(name);
    if (!child) throw new Error(`a ${this.kind} has no \`${name}\``);
    return child;
  }

  /** The members of a list child, separators left out; empty where there is no such child. */
  items(name: string): Node[] {
    const list = this.#syntax[name];
    if (!list) return [];
    return new Node(list, this.#original)
      .children()
      .map((item) => (item.form.startsWith('SeparatedElement') ? item.need('Element') : item));
  }

  /** Every child node and token, in order. */
  children(): Node[] {
    const out: Node[] = [];
    for (let i = 0; i < this.#syntax.ChildCount; i++) {
      const child = this.#syntax.GetChild(i);
      if (child) out.push(new Node(child, this.#original));
    }
    return out.map((child) =>
      child.#syntax.constructor.$$name?.startsWith('Kusto.Language.Syntax.SeparatedElement')
        ? new Node(child.#syntax.Element$1 ?? child.#syntax.Element, this.#original)
        : child,
    );
  }

  get isToken(): boolean {
    return this.#syntax.IsToken === true;
  }

  /** The name that a name node spells, without brackets and quotes. */
  get simpleName(): string {
    return this.#syntax.SimpleName ?? this.text;
  }

  get literalValue(): unknown {
    return this.#syntax.LiteralValue;
  }

  get symbol(): NodeSymbol | undefined {
    const symbol = this.#syntax.ReferencedSymbol;
    if (!symbol) return undefined;
    return { kind: symbolKind(symbol.Kind), name: symbol.Name };
  }

  get bound(): Bound | undefined {
    return boundOf(this.#syntax.ResultType);
  }

  /** True for a call whose result takes the name of its first argument, as conversions do. */
  get namedByFirstArgument(): boolean {
    const kind = this.#syntax.ReferencedSignature?.Symbol?.ResultNameKind;
    return kind !== undefined && kind === Kusto.Symbols.ResultNameKind.FirstArgument;
  }

  /** The name that the binder gives this expression's column, where it does not invent `Column1` or the like. */
  get resultName(): string | undefined {
    return Kusto.Binding.Binder.GetExpressionResultName(this.#syntax, null, null) ?? undefined;
  }

  /**
   * The body that a call of the query's own function runs, bound for this call's arguments. It is a text of its own, so
   * faults inside it are placed at the call.
   */
  calledBody(): Node | undefined {
    const body = this.#syntax.GetCalledFunctionBody?.();
    return body ? new Node(body, () => this.start) : undefined;
  }

  /** Parameters of the called function in order, with the text of their default, if they have one. */
  calledParameters(): readonly {
    readonly name: string;
    readonly tabular: boolean;
    readonly fallback: Node | undefined;
  }[] {
    const signature = listOf(this.#syntax.ReferencedSymbol?.Signatures)[0];
    return listOf(signature?.Parameters).map((parameter) => ({
      name: parameter.Name,
      tabular: parameter.IsTabular === true,
      fallback: parameter.DefaultValue ? new Node(parameter.DefaultValue, () => this.start) : undefined,
    }));
  }

  /** The tree with kinds, texts and types, one node a line. */
  print(depth = 0): string {
    const bound = this.bound;
    const type = bound === undefined ? '' : bound.kind === 'scalar' ? ` : ${bound.type}` : ` : ${bound.kind}`;
    const own = `${'  '.repeat(depth)}${this.kind}${this.isToken ? ` ${this.text}` : ''}${type}`;
    return [own, ...this.children().map((child) => child.print(depth + 1))].join('\n');
  }
}

function symbolKind(kind: number): NodeSymbol['kind'] {
  const K = Kusto.Symbols.SymbolKind;
  if (kind === K.Column) return 'column';
  if (kind === K.Table || kind === K.ExternalTable || kind === K.MaterializedView) return 'table';
  if (kind === K.Variable) return 'variable';
  if (kind === K.Parameter) return 'parameter';
  if (kind === K.Function) return 'function';
  if (kind === K.Database) return 'database';
  if (kind === K.Pattern) return 'pattern';
  return 'other';
}

const bounds = new WeakMap<object, Bound>();

/** The parser's types never change, and reading the columns of one takes it long. */
function boundOf(type: KustoObject): Bound | undefined {
  if (!type) return undefined;
  const known = bounds.get(type);
  if (known) return known;
  const bound = readBound(type);
  bounds.set(type, bound);
  return bound;
}

function readBound(type: KustoObject): Bound {
  const K = Kusto.Symbols.SymbolKind;
  if (type.Kind === K.Table) return { kind: 'table', columns: columnsOf(type), open: type.IsOpen === true };
  if (type.Kind === K.Graph) return { kind: 'graph' };
  if (type.Kind === K.Tuple) return { kind: 'tuple', columns: columnsOf(type) };
  const scalar = scalarName(type);
  return scalar ? { kind: 'scalar', type: scalar } : { kind: 'other', name: type.Name };
}

function columnsOf(type: KustoObject): Column[] {
  return listOf(type.Columns).map((column) => ({
    name: column.Name,
    type: scalarName(column.Type) ?? 'dynamic',
  }));
}

const SCALARS: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'long',
  'real',
  'decimal',
  'string',
  'datetime',
  'timespan',
  'guid',
  'dynamic',
]);

function scalarName(type: KustoObject): KqlType | undefined {
  const name: string = type?.Name ?? '';
  if (SCALARS.has(name)) return name as KqlType;
  if (type?.Kind === Kusto.Symbols.SymbolKind.Primitive || type?.IsScalar) {
    if (/^dynamic/.test(name) || /Dynamic/.test(type.constructor.$$name ?? '')) return 'dynamic';
  }
  return undefined;
}
