import { printExact } from '../model/exact-json.ts';
import { jsonOf } from './beside/cells.ts';
import { type Cell, ProgramFault } from './beside/contract.ts';
import { SCALARS } from './beside/scalars/index.ts';
import { type Call, type Expression, type Literal, literal } from './plan/expression.ts';

/** The result of a call beside the engine whose arguments are all constants; undefined where one is not. */
export function computeConstant(call: Call): Literal | undefined {
  const program = SCALARS[call.name];
  if (!program || !call.args.every(isLiteral)) return undefined;
  const types = call.args.map((arg) => arg.type);
  try {
    return literalOf(call.type, program.compute(call.args.map(cellOf), types));
  } catch (error) {
    // A fault of the query is reported by the stage that finds it again.
    if (error instanceof ProgramFault) return undefined;
    throw error;
  }
}

function isLiteral(expression: Expression): expression is Literal {
  return expression.kind === 'literal';
}

function cellOf({ type, value }: Literal): Cell {
  if (type === 'dynamic') return value === null ? null : jsonOf(String(value));
  if (value === null) return type === 'string' ? '' : null;
  if (type === 'int' || type === 'real') return Number(value);
  return value;
}

function literalOf(type: Literal['type'], cell: Cell): Literal {
  if (type === 'dynamic') return literal('dynamic', cell === null ? '' : printExact(cell));
  if (type === 'string')
    return literal('string', typeof cell === 'string' ? cell : cell === null ? '' : printExact(cell));
  if (cell === null || typeof cell === 'object') return literal(type, null);
  if ((type === 'int' || type === 'long') && typeof cell === 'number') {
    return literal(type, Number.isFinite(cell) ? BigInt(Math.trunc(cell)) : null);
  }
  if (type === 'real' && typeof cell === 'bigint') return literal(type, Number(cell));
  return literal(type, cell);
}
