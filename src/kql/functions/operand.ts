import type { Argument } from './registry.ts';

/** The argument at a zero-based place that the binder guarantees. */
export function operand(args: readonly Argument[], place: number): Argument {
  const argument = args[place];
  if (argument === undefined) throw new Error('the binder let a call with too few arguments pass');
  return argument;
}
