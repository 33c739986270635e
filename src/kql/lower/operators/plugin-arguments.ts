import type { Node } from '../../parse/node.ts';
import type { LowerContext } from '../context.ts';
import type { Scope } from '../scope.ts';

/** The argument at that place or of that name. */
export function argument(args: readonly Node[], place: number, name: string): Node | undefined {
  const named = args.find(
    (arg) =>
      arg.form === 'SimpleNamedExpression' &&
      arg.need('Name').simpleName.toLowerCase() === name.toLowerCase(),
  );
  if (named) return named.need('Expression');
  const positional = args[place];
  return positional?.form === 'SimpleNamedExpression' ? undefined : positional;
}

/** Its text, where it is a constant. */
export function constantText(
  node: Node | undefined,
  scope: Scope,
  context: LowerContext,
): string | undefined {
  if (!node) return undefined;
  const value = context.expression(node, { row: [], names: scope.names });
  return value.kind === 'literal' ? String(value.value) : undefined;
}
