import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RuleView } from '../detection/rule-desk.ts';
import { ruleRefused } from '../detection/rule-desk.ts';
import { type GraphVersion, graphRule, ruleOfGraph } from '../detection/rule-graph.ts';
import { type EitherPermission, RULES } from '../identity/roles.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { callerWith } from './any-permission.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { sendGraphError } from './graph.ts';
import { jsonObject, takeBytes } from './request-body.ts';

const MAX_RULE_BYTES = 1024 * 1024;

interface ById {
  readonly Params: { readonly id: string };
}

/**
 * Detection rules as Microsoft Graph has them: `/security/rules/detectionRules` of v1.0 and beta.
 * Source: https://learn.microsoft.com/graph/api/resources/security-detectionrule
 */
export async function graphRuleRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_RULE_BYTES);
  app.setErrorHandler((error, request, reply) => sendGraphError(deps, error, request, reply));
  versionRoutes(app, deps, 'v1.0');
  versionRoutes(app, deps, 'beta');
}

function versionRoutes(app: FastifyInstance, deps: AppDeps, version: GraphVersion): void {
  const desk = deps.rules.rules;
  const path = `/${version}/security/rules/detectionRules`;
  const callerOf = (request: FastifyRequest, allowed: EitherPermission): Promise<Caller> =>
    callerWith(deps, request, ['graph'], allowed);
  const context = (what: string) =>
    `${deps.address.primary()}/${version}/$metadata#security/rules/detectionRules${what}`;
  const found = async (tenant: string, id: string): Promise<RuleView> => {
    const view = await desk.find(tenant, id);
    if (view === undefined) throw new RequestError('ResourceNotFound', 404, 'The rule was not found');
    return view;
  };
  const one = (view: RuleView) => ({ '@odata.context': context('/$entity'), ...graphRule(view, version) });

  app.get(path, async (request, reply) => {
    const { tenant } = await callerOf(request, RULES.read);
    const views = await desk.list(tenant);
    return reply
      .type(JSON_TYPE)
      .send({ '@odata.context': context(''), value: views.map((view) => graphRule(view, version)) });
  });

  app.get<ById>(`${path}/:id`, async (request, reply) => {
    const { tenant } = await callerOf(request, RULES.read);
    return reply.type(JSON_TYPE).send(one(await found(tenant, request.params.id)));
  });

  app.post(path, async (request, reply) => {
    const caller = await callerOf(request, RULES.write);
    const outcome = ruleOfGraph(jsonObject(request), undefined);
    if (!outcome.ok) throw ruleRefused(outcome.faults);
    const { rule } = outcome;
    if ((await desk.find(caller.tenant, rule.name)) !== undefined) {
      throw new RequestError('Conflict', 409, `a rule is called \`${rule.displayName}\` already`);
    }
    return reply
      .code(201)
      .type(JSON_TYPE)
      .send(one(await desk.save(caller.tenant, rule, nameOf(caller))));
  });

  app.patch<ById>(`${path}/:id`, async (request, reply) => {
    const caller = await callerOf(request, RULES.write);
    const before = await found(caller.tenant, request.params.id);
    const outcome = ruleOfGraph(jsonObject(request), before.rule);
    if (!outcome.ok) throw ruleRefused(outcome.faults);
    return reply.type(JSON_TYPE).send(one(await desk.save(caller.tenant, outcome.rule, nameOf(caller))));
  });

  app.delete<ById>(`${path}/:id`, async (request, reply) => {
    const { tenant } = await callerOf(request, RULES.write);
    const { rule } = await found(tenant, request.params.id);
    await desk.remove(tenant, rule.name);
    return reply.code(204).send();
  });
}

function nameOf(caller: Caller): string {
  return caller.user ?? caller.app;
}
