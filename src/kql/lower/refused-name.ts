import { QueryFault, unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import { reasonAgainst } from '../unsupported.ts';

/** A name of the language that has no meaning here, with the reason where there is one to tell. */
export function refusedName(kind: 'function' | 'plug-in' | 'operator', name: string, node: Node): QueryFault {
  const reason = reasonAgainst(name);
  const fault = unsupported(`the ${kind} \`${name}\``, node);
  if (reason === undefined) return fault;
  return new QueryFault(fault.code, fault.kind, `${fault.message}: it ${reason}`, node);
}
