import type { Argument } from './registry.ts';

/** The argument at a place that the binder has checked to be filled. */
export function need(argument: Argument | undefined): Argument {
  if (argument === undefined) throw new Error('the binder let a call without an argument pass');
  return argument;
}
