import type { OperatorLowering } from '../context.ts';
import { refusedName } from '../refused-name.ts';
import { lowerBagUnpack } from './bag-unpack.ts';
import { lowerIpLookup } from './ip-lookup.ts';
import { lowerPivot } from './pivot.ts';
import { ANALYSES } from './plugins/index.ts';
import type { Plugin } from './plugins/plugin.ts';

/** By name; what is not here is refused. */
export const PLUGINS: Readonly<Record<string, Plugin>> = {
  ...ANALYSES,
  bag_unpack: lowerBagUnpack,
  ipv4_lookup: lowerIpLookup,
  ipv6_lookup: lowerIpLookup,
  pivot: lowerPivot,
};

/** Source: https://learn.microsoft.com/kusto/query/evaluate-operator */
export const lowerEvaluate: OperatorLowering = (node, input, scope, context) => {
  const call = node.need('FunctionCall');
  const name = call.need('Name').simpleName;
  const plugin = PLUGINS[name];
  if (!plugin) throw refusedName('plug-in', name, call);
  return plugin(node, call.need('ArgumentList').items('Expressions'), input, scope, context);
};
