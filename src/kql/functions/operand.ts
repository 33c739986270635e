import type { Argument } from './registry.ts';

/** What a call of the right arity has: the binder has counted the arguments. */
export function need<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the binder let a call with too few arguments pass');
  return value;
}

/** The argument at a zero-based place. */
export function operand(args: readonly Argument[], place: number): Argument {
  return need(args[place]);
}
