import { Kusto, type KustoObject, listOf, System } from './kusto.ts';

/**
 * Functions that the service takes or types otherwise than the binder's list says, as it was measured to do: the parts
 * of a date are long, `ceiling` is always real, weeks between times are real, seconds may have a fraction, and
 * `array_length` takes any dynamic (null for a bag).
 */
export function measuredFunctions(): KustoObject {
  const known: KustoObject[] = listOf(Kusto.GlobalState.Default.Functions);
  const all = known.map((symbol) => CHANGES[symbol.Name]?.(symbol) ?? symbol);
  return System.Array.init(all, Kusto.Symbols.FunctionSymbol);
}

const CHANGES: Readonly<Record<string, (symbol: KustoObject) => KustoObject>> = {
  getyear: returning('Long'),
  hourofday: returning('Long'),
  monthofyear: returning('Long'),
  ceiling: returning('Real'),
  jaccard_index: returning('Real'),
  datetime_diff: weeksAsReal,
  make_timespan: fractionOfSeconds,
  array_length: anyDynamic,
  series_fit_poly: anyDegree,
};

function returning(type: string): (symbol: KustoObject) => KustoObject {
  return (symbol) =>
    remade(
      symbol,
      listOf(symbol.Signatures).map(({ Parameters }) =>
        signature(Kusto.Symbols.ScalarTypes[type], listOf(Parameters)),
      ),
    );
}

function weeksAsReal(symbol: KustoObject): KustoObject {
  const [{ Parameters }] = listOf(symbol.Signatures);
  const { Real, Long } = Kusto.Symbols.ScalarTypes;
  const type = (context: KustoObject): KustoObject => {
    const [part] = listOf(context.Arguments);
    return /^['"]week['"]$/i.test(String(part ?? '').trim()) ? Real : Long;
  };
  const scalar = Kusto.Symbols.Tabularity.Scalar;
  const parameters = System.Array.init(listOf(Parameters), Kusto.Symbols.Parameter);
  return remade(symbol, [new Kusto.Symbols.Signature.ctor(type, scalar, parameters)]);
}

function fractionOfSeconds(symbol: KustoObject): KustoObject {
  const number = Kusto.Symbols.ParameterTypeKind.Number;
  return remade(
    symbol,
    listOf(symbol.Signatures).map(({ Parameters, DeclaredReturnType }) =>
      signature(
        DeclaredReturnType,
        listOf(Parameters).map((parameter) =>
          parameter.Name === 'seconds' ? parameterOf('seconds', number, parameter.MinOccurring) : parameter,
        ),
      ),
    ),
  );
}

/** The list asks for an int, which no plain number in a query is. */
function anyDegree(symbol: KustoObject): KustoObject {
  const [{ CustomReturnType, Tabularity, Parameters }] = listOf(symbol.Signatures);
  const parameters = listOf(Parameters).map((parameter) =>
    parameter.Name === 'degree'
      ? parameterOf('degree', Kusto.Symbols.ParameterTypeKind.Integer, parameter.MinOccurring)
      : parameter,
  );
  const list = System.Array.init(parameters, Kusto.Symbols.Parameter);
  return remade(symbol, [new Kusto.Symbols.Signature.ctor(CustomReturnType, Tabularity, list)]);
}

function anyDynamic(symbol: KustoObject): KustoObject {
  const { Long, Dynamic } = Kusto.Symbols.ScalarTypes;
  return remade(symbol, [signature(Long, [new Kusto.Symbols.Parameter.$ctor2('array', Dynamic)])]);
}

function parameterOf(name: string, kind: KustoObject, least: number): KustoObject {
  const none = System.Array.init([], Kusto.Symbols.TypeSymbol);
  return new Kusto.Symbols.Parameter.$ctor1(
    name,
    kind,
    none,
    0,
    null,
    null,
    false,
    null,
    least,
    1,
    null,
    null,
  );
}

function signature(type: KustoObject, parameters: readonly KustoObject[]): KustoObject {
  return new Kusto.Symbols.Signature.$ctor5(
    type,
    System.Array.init([...parameters], Kusto.Symbols.Parameter),
  );
}

/** The symbol under its name, with its ways of naming a column, and other signatures. */
function remade(symbol: KustoObject, signatures: readonly KustoObject[]): KustoObject {
  const list = System.Array.init([...signatures], Kusto.Symbols.Signature);
  return new Kusto.Symbols.FunctionSymbol.$ctor4(symbol.Name, list)
    .WithResultNameKind(symbol.ResultNameKind)
    .WithResultNamePrefix(symbol.ResultNamePrefix)
    .WithIsConstantFoldable(symbol.IsConstantFoldable);
}
