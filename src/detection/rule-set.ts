import type { Rule, RuleFault } from './rule.ts';
import { type RuleDesk, ruleRefused } from './rule-desk.ts';
import { ruleForm } from './rule-form.ts';

/** What it takes to make a tenant's rules match a set. Names, in order. */
export interface RulePlan {
  readonly create: readonly string[];
  readonly change: readonly { readonly name: string; readonly members: readonly string[] }[];
  readonly remove: readonly string[];
  readonly same: readonly string[];
  /** Why new and changed rules cannot be saved, members named with their rule. Empty: the plan can be carried out. */
  readonly refused: readonly RuleFault[];
}

/** `prune`: rules that are not in the set are removed; without it they are left alone. */
export async function planRules(
  desk: RuleDesk,
  tenant: string,
  rules: readonly Rule[],
  prune: boolean,
): Promise<RulePlan> {
  const stored = new Map((await desk.list(tenant)).map((view) => [view.rule.name, view.rule]));
  const create: string[] = [];
  const change: { name: string; members: readonly string[] }[] = [];
  const same: string[] = [];
  for (const rule of rules) {
    const before = stored.get(rule.name);
    const members = before === undefined ? [] : changedMembers(before, rule);
    if (before === undefined) create.push(rule.name);
    else if (members.length > 0) change.push({ name: rule.name, members });
    else same.push(rule.name);
  }
  const wanted = new Set(rules.map(({ name }) => name));
  const remove = prune ? [...stored.keys()].filter((name) => !wanted.has(name)) : [];
  const touched = new Set([...create, ...change.map(({ name }) => name)]);
  const refused = await Promise.all(
    rules
      .filter(({ name }) => touched.has(name))
      .map(async (rule) =>
        (await desk.check(tenant, rule)).map((fault) => ({
          ...fault,
          member: `${rule.name}.${fault.member}`,
        })),
      ),
  );
  return { create, change, remove, same, refused: refused.flat() };
}

function changedMembers(before: Rule, after: Rule): readonly string[] {
  const [left, right] = [ruleForm(before), ruleForm(after)];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
}

/** Carries a plan out. Every rule is checked before the first is saved. Throws `RuleRefused` (400). */
export async function applyRules(
  desk: RuleDesk,
  tenant: string,
  rules: readonly Rule[],
  prune: boolean,
  by: string,
): Promise<RulePlan> {
  const plan = await planRules(desk, tenant, rules, prune);
  if (plan.refused.length > 0) throw ruleRefused(plan.refused);
  const touched = new Set([...plan.create, ...plan.change.map(({ name }) => name)]);
  for (const rule of rules.filter(({ name }) => touched.has(name))) await desk.save(tenant, rule, by);
  for (const name of plan.remove) await desk.remove(tenant, name);
  return plan;
}
