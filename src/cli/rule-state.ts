import type { Command } from 'commander';
import { type CommonOptions, connect } from './connection.ts';

/** `spoor rule enable|disable|remove` */
export function addRuleState(rule: Command, common: (command: Command) => Command): void {
  addSwitch('enable', 'switch a rule on');
  addSwitch('disable', 'switch a rule off; it and its runs are kept');
  common(rule.command('remove'))
    .description('remove a rule; its alerts are kept')
    .argument('<name>', 'name of the rule')
    .action(async (name: string, options: CommonOptions) => {
      await connect(options).done({ method: 'DELETE', path: pathOf(name) });
      process.stdout.write(`${name} is removed\n`);
    });

  function addSwitch(verb: 'enable' | 'disable', description: string): void {
    common(rule.command(verb))
      .description(description)
      .argument('<name>', 'name of the rule')
      .action(async (name: string, options: CommonOptions) => {
        const server = connect(options);
        const path = pathOf(name);
        const { state: _, ...form } = (await server.json({ method: 'GET', path })) as {
          readonly name: string;
          readonly state: unknown;
        };
        await server.json({
          method: 'PUT',
          path: pathOf(form.name),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...form, enabled: verb === 'enable' }),
        });
        process.stdout.write(`${form.name} is ${verb}d\n`);
      });
  }
}

function pathOf(name: string): string {
  return `/spoor/rules/${encodeURIComponent(name)}`;
}
