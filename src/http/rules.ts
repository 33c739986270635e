import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Rule } from '../detection/rule.ts';
import { type RuleView, ruleRefused } from '../detection/rule-desk.ts';
import { parseRule, readRule, ruleForm } from '../detection/rule-form.ts';
import { applyRules, planRules } from '../detection/rule-set.ts';
import { CLI_KEY_SCHEME } from '../identity/cli-key.ts';
import { type EitherPermission, RULES } from '../identity/roles.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { callerWith } from './any-permission.ts';
import { commandLineCaller, requireCommandLine } from './authenticate.ts';
import { clientGone } from './client-gone.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { type JsonObject, jsonObject, ownMember, takeBytes } from './request-body.ts';

const MAX_RULES_BYTES = 32 * 1024 * 1024;
const MOST_RUNS = 200;
const MOST_SAMPLES = 100;

interface NamedRule {
  readonly Params: { readonly name: string };
}

/** The server's own API of rules, below `/spoor/rules`: for the command line, and for tokens with the permissions of rules. */
export async function ruleRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_RULES_BYTES);
  const desk = deps.rules.rules;

  app.get('/spoor/rules', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    const views = await desk.list(tenant);
    return reply.type(JSON_TYPE).send({ value: views.map(ruleView) });
  });

  app.get<NamedRule>('/spoor/rules/:name', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    return reply.type(JSON_TYPE).send(ruleView(await foundRule(deps, tenant, request.params.name)));
  });

  app.put<NamedRule>('/spoor/rules/:name', async (request, reply) => {
    const caller = await ruleCaller(deps, request, RULES.write);
    const rule = readForm(jsonObject(request));
    if (rule.name !== request.params.name) {
      throw new RequestError('InvalidInput', 400, 'Invalid input: the rule has another name than the URL');
    }
    return reply.type(JSON_TYPE).send(ruleView(await desk.save(caller.tenant, rule, nameOf(caller))));
  });

  app.delete<NamedRule>('/spoor/rules/:name', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.write);
    const { rule } = await foundRule(deps, tenant, request.params.name);
    await desk.remove(tenant, rule.name);
    return reply.code(204).send();
  });

  app.get<NamedRule>('/spoor/rules/:name/runs', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    const { rule } = await foundRule(deps, tenant, request.params.name);
    const runs = await desk.runs(tenant, rule.name, MOST_RUNS);
    return reply.type(JSON_TYPE).send({
      value: runs.map((run) => ({
        started: run.started,
        ended: run.ended,
        outcome: run.outcome,
        ...JSON.parse(run.counts),
        errorCode: run.error_code,
        error: run.error,
      })),
    });
  });

  app.post<NamedRule>('/spoor/rules/:name/run', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.write);
    const { rule } = await foundRule(deps, tenant, request.params.name);
    await desk.runSoon(tenant, rule.name);
    return reply.code(202).type(JSON_TYPE).send({ name: rule.name });
  });

  // `check`, `plan`, `apply` and `backtest` are no rules: they stand below another folder.
  app.post('/spoor/rule-sets/check', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    const faults = await Promise.all(
      rulesOf(jsonObject(request)).map(async (rule) => ({
        name: rule.name,
        faults: await desk.check(tenant, rule),
      })),
    );
    return reply.type(JSON_TYPE).send({ value: faults });
  });

  app.post('/spoor/rule-sets/plan', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    const body = jsonObject(request);
    return reply.type(JSON_TYPE).send(await planRules(desk, tenant, rulesOf(body), isPruned(body)));
  });

  app.post('/spoor/rule-sets/apply', async (request, reply) => {
    const caller = await ruleCaller(deps, request, RULES.write);
    const body = jsonObject(request);
    const plan = await applyRules(desk, caller.tenant, rulesOf(body), isPruned(body), nameOf(caller));
    return reply.type(JSON_TYPE).send(plan);
  });

  app.post('/spoor/rule-sets/backtest', async (request, reply) => {
    const { tenant } = await ruleCaller(deps, request, RULES.read);
    const body = jsonObject(request);
    const signal = clientGone(reply);
    const samples = wholeOf(body, 'samples', 0, MOST_SAMPLES, 5);
    const days = wholeOf(body, 'days', 1, 365, 7);
    const given = ownMember(body, 'rule');
    const rule =
      typeof given === 'string' && !given.includes('\n')
        ? (await foundRule(deps, tenant, given)).rule
        : readForm(given);
    const faults = await desk.check(tenant, rule);
    if (faults.length > 0) throw ruleRefused(faults);
    return reply.type(JSON_TYPE).send(await deps.rules.backtest({ tenant, rule, days, samples, signal }));
  });
}

/** The command line by its key, or an application or user by a token. */
async function ruleCaller(
  deps: AppDeps,
  request: FastifyRequest,
  allowed: EitherPermission,
): Promise<Caller> {
  if (request.headers.authorization?.startsWith(CLI_KEY_SCHEME) === true) {
    requireCommandLine(deps, request);
    return await commandLineCaller(deps, request);
  }
  return await callerWith(deps, request, ['graph', 'hunting', 'endpoint'], allowed);
}

async function foundRule(deps: AppDeps, tenant: string, name: string): Promise<RuleView> {
  const view = await deps.rules.rules.find(tenant, name);
  if (view === undefined) throw new RequestError('ResourceNotFound', 404, 'Resource rule was not found');
  return view;
}

/** Members of the YAML form, and `state`. */
function ruleView({ rule, stored, lastRun }: RuleView): object {
  return {
    ...ruleForm(rule),
    state: {
      number: stored.number,
      detectorId: stored.detector,
      status: stored.switched_off === 1 ? 'switchedOff' : stored.enabled === 1 ? 'on' : 'off',
      created: stored.created,
      modified: stored.modified,
      nextRun: stored.continuous === 1 ? null : stored.next_run,
      failures: stored.failures,
      lastRun: lastRun === undefined ? null : { started: lastRun.started, outcome: lastRun.outcome },
    },
  };
}

/** `rules`: YAML texts or objects of the YAML form. */
function rulesOf(body: JsonObject): readonly Rule[] {
  const rules = ownMember(body, 'rules');
  if (!Array.isArray(rules)) {
    throw new RequestError('InvalidInput', 400, 'Invalid input: `rules` is not a list of rules');
  }
  const read = rules.map(readForm);
  const twice = read.find((rule, i) => read.findIndex(({ name }) => name === rule.name) !== i);
  if (twice !== undefined) {
    throw new RequestError('InvalidInput', 400, `Invalid input: the rule \`${twice.name}\` is there twice`);
  }
  return read;
}

function readForm(form: unknown): Rule {
  const outcome = typeof form === 'string' ? parseRule(form) : readRule(form);
  if (outcome.ok) return outcome.rule;
  const name = (form as { name?: unknown } | null)?.name ?? '';
  throw ruleRefused(
    outcome.faults.map((fault) => ({ ...fault, member: [name, fault.member].join(' ').trim() })),
  );
}

function isPruned(body: JsonObject): boolean {
  return ownMember(body, 'prune') === true;
}

function wholeOf(body: JsonObject, name: string, least: number, most: number, fallback: number): number {
  const value = ownMember(body, name) ?? fallback;
  if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new RequestError('InvalidInput', 400, `Invalid input: \`${name}\` is not from ${least} to ${most}`);
}

function nameOf(caller: Caller): string {
  return caller.user ?? caller.app;
}
