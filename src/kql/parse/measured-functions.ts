import { Kusto, type KustoObject, listOf, System } from './kusto.ts';

/**
 * Functions that the service takes or types otherwise than the binder's list says, as it was measured to do: the parts
 * of a date are long, `ceiling` is always real, weeks between times are real, seconds may have a fraction, the part of a
 * date may be a constant that a `let` names, and `array_length` takes any dynamic (null for a bag).
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
  datetime_diff: (symbol) => weeksAsReal(constantPart(symbol)),
  datetime_add: constantPart,
  datetime_part: constantPart,
  datepart: constantPart,
  percentiles_array_tdigest: typedArray,
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
    return String(part?.ConstantValue).toLowerCase() === 'week' ? Real : Long;
  };
  const scalar = Kusto.Symbols.Tabularity.Scalar;
  const parameters = System.Array.init(listOf(Parameters), Kusto.Symbols.Parameter);
  return remade(symbol, [new Kusto.Symbols.Signature.ctor(type, scalar, parameters)]);
}

/** The list asks for a literal; what is no name of a part is found when the call becomes SQL. */
function constantPart(symbol: KustoObject): KustoObject {
  const { ScalarTypes, ArgumentKind } = Kusto.Symbols;
  const part = declaredParameter('part', ScalarTypes.String, ArgumentKind.Constant);
  return withParameter(symbol, 'part', () => part);
}

/** The page's example has the type of the elements as a last argument, which the list has not. */
function typedArray(symbol: KustoObject): KustoObject {
  const [, { Parameters }] = listOf(symbol.Signatures);
  const { Dynamic, Type } = Kusto.Symbols.ScalarTypes;
  const type = declaredParameter('type', Type, Kusto.Symbols.ArgumentKind.Literal);
  return remade(symbol, [...listOf(symbol.Signatures), signature(Dynamic, [...listOf(Parameters), type])]);
}

function fractionOfSeconds(symbol: KustoObject): KustoObject {
  const number = Kusto.Symbols.ParameterTypeKind.Number;
  return withParameter(symbol, 'seconds', ({ MinOccurring }) => parameterOf('seconds', number, MinOccurring));
}

/** The function with another parameter in the place of the one of this name. */
function withParameter(
  symbol: KustoObject,
  name: string,
  changed: (parameter: KustoObject) => KustoObject,
): KustoObject {
  return remade(
    symbol,
    listOf(symbol.Signatures).map(({ Parameters, DeclaredReturnType }) =>
      signature(
        DeclaredReturnType,
        listOf(Parameters).map((parameter) => (parameter.Name === name ? changed(parameter) : parameter)),
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

function declaredParameter(name: string, type: KustoObject, argument: number): KustoObject {
  const kind = Kusto.Symbols.ParameterTypeKind.Declared;
  const types = System.Array.init([type], Kusto.Symbols.TypeSymbol);
  return new Kusto.Symbols.Parameter.$ctor1(name, kind, types, argument, null, null, false, null, 1, 1);
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
