import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { type CommonOptions, connect } from './connection.ts';
import { EXIT_FAILURE } from './failure.ts';
import { addConvert } from './rule-convert.ts';
import { readRuleTexts } from './rule-files.ts';
import { addRuleState } from './rule-state.ts';

/** `spoor rule test|apply|backtest|list|runs|enable|disable|remove|convert` */
export function addRule(program: Command, common: (command: Command) => Command): void {
  const rule = program.command('rule').description('detection rules');
  addTest(rule);
  addApply(rule, common);
  addBacktest(rule, common);
  addList(rule, common);
  addRuns(rule, common);
  addRuleState(rule, common);
  addConvert(rule);
}

interface TestResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'untested';
  readonly problems: readonly string[];
  readonly alerts: number;
  readonly durationMs: number;
}

/** Needs no running server: it starts one of its own in a temporary folder and takes it away. */
function addTest(rule: Command): void {
  rule
    .command('test')
    .description('run the rules of a folder on their events, on an engine of its own')
    .argument('[folder]', 'a folder of rules, or of one rule', 'rules')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--json', 'print the results as JSON, one rule a line')
    .action(async (folder: string, options: { junit?: string; json?: boolean }) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'spoor-rule-test-'));
      const flags = { dataDir, port: '0', host: '127.0.0.1', quotas: 'unlimited', logLevel: 'error' };
      const { startServer, testRuleFolder, junit } = await import('../main.ts');
      // The settings of a server on this machine are not those of the throw-away one.
      const server = await startServer(loadConfig({ flags, env: {} }), { sample: false, rules: false });
      const results: TestResult[] = [];
      try {
        const parts = { ingest: server.ingest, room: server.detection };
        for await (const result of testRuleFolder(parts, folder)) {
          results.push(result);
          process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : printed(result));
        }
      } finally {
        await server.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
      if (options.junit !== undefined) writeFileSync(options.junit, junit(results));
      const failed = results.filter(({ outcome }) => outcome === 'failed').length;
      const untested = results.filter(({ outcome }) => outcome === 'untested').length;
      process.stderr.write(
        `${results.length - failed - untested} passed, ${failed} failed, ${untested} without events\n`,
      );
      if (failed > 0) process.exitCode = EXIT_FAILURE;
    });
}

function printed({ name, outcome, problems, alerts, durationMs }: TestResult): string {
  const words = { passed: 'ok  ', failed: 'FAIL', untested: '??  ' };
  const count = alerts === 1 ? '1 alert' : `${alerts} alerts`;
  const lines = [`${words[outcome]} ${name} (${count}, ${Math.round(durationMs)} ms)`];
  return `${[...lines, ...problems.map((problem) => `       ${problem}`)].join('\n')}\n`;
}

interface Plan {
  readonly create: readonly string[];
  readonly change: readonly { readonly name: string; readonly members: readonly string[] }[];
  readonly remove: readonly string[];
  readonly same: readonly string[];
  readonly refused: readonly {
    readonly code: string;
    readonly member: string;
    readonly message: string;
  }[];
}

function addApply(rule: Command, common: (command: Command) => Command): void {
  common(rule.command('apply'))
    .description("make a tenant's rules match a folder; shows the plan and, with --yes, carries it out")
    .argument('<folder>', 'a folder of rules, or of one rule')
    .option('--prune', 'remove rules that the folder does not have')
    .option('--yes', 'carry the plan out')
    .option('--json', 'print the plan as one line of JSON')
    .action(
      async (folder: string, options: CommonOptions & { prune?: boolean; yes?: boolean; json?: boolean }) => {
        const body = JSON.stringify({ rules: readRuleTexts(folder), prune: options.prune === true });
        const step = options.yes === true ? 'apply' : 'plan';
        const plan = (await connect(options).json({
          method: 'POST',
          path: `/spoor/rule-sets/${step}`,
          headers: { 'content-type': 'application/json' },
          body,
        })) as Plan;
        process.stdout.write(options.json === true ? `${JSON.stringify(plan)}\n` : printedPlan(plan));
        const changes = plan.create.length + plan.change.length + plan.remove.length;
        if (plan.refused.length > 0) {
          process.stderr.write('Not all of these rules can be saved: mend them first.\n');
          process.exitCode = EXIT_FAILURE;
        } else if (options.yes !== true && changes > 0) {
          process.stderr.write('Nothing is changed yet: add --yes to carry it out.\n');
        }
      },
    );
}

function printedPlan({ create, change, remove, same, refused }: Plan): string {
  const lines = [
    ...create.map((name) => `+ ${name}`),
    ...change.map(({ name, members }) => `~ ${name}: ${members.join(', ')}`),
    ...remove.map((name) => `- ${name}`),
    `${create.length} new, ${change.length} changed, ${remove.length} removed, ${same.length} as they are`,
    ...refused.map(({ code, member, message }) => `! ${code}: \`${member}\` ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

interface Report {
  readonly rows: number;
  readonly detections: number;
  readonly alerts: number;
  readonly suppressed: number;
  readonly alertsPerDay: Readonly<Record<string, number>>;
  readonly samples: readonly {
    readonly title: string;
    readonly firstEvent: string;
    readonly detections: number;
    readonly assets: readonly string[];
  }[];
}

function addBacktest(rule: Command, common: (command: Command) => Command): void {
  common(rule.command('backtest'))
    .description('run a rule over past days as if it had been on')
    .argument('<rule>', 'name of a rule of the server, or a folder of one')
    .option('--days <n>', 'how many days', '7')
    .option('--samples <n>', 'how many alerts to show', '5')
    .option('--json', 'print the report as one line of JSON')
    .action(
      async (name: string, options: CommonOptions & { days: string; samples: string; json?: boolean }) => {
        const isFolder = name.includes('/') || name.startsWith('.');
        const body = {
          rule: isFolder ? readRuleTexts(name)[0] : name,
          days: Number(options.days),
          samples: Number(options.samples),
        };
        const report = (await connect(options).json({
          method: 'POST',
          path: '/spoor/rule-sets/backtest',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })) as Report;
        process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : printedReport(report));
      },
    );
}

function printedReport(report: Report): string {
  const lines = [
    ...Object.entries(report.alertsPerDay).map(([day, alerts]) => `${day}  ${alerts}`),
    `${report.alerts} alerts of ${report.detections} detections, ${report.suppressed} suppressed`,
    ...report.samples.map(
      ({ title, firstEvent, detections, assets }) =>
        `  ${firstEvent}  ${title} (${detections})  ${assets.join(' ')}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

interface ListedRule {
  readonly name: string;
  readonly severity: string;
  readonly frequency: string;
  readonly state: { readonly status: string; readonly lastRun: { readonly outcome: string } | null };
}

function addList(rule: Command, common: (command: Command) => Command): void {
  common(rule.command('list'))
    .description("list a tenant's rules")
    .option('--json', 'print one line of JSON')
    .action(async (options: CommonOptions & { json?: boolean }) => {
      const answer = (await connect(options).json({ method: 'GET', path: '/spoor/rules' })) as {
        readonly value: readonly ListedRule[];
      };
      const lines = answer.value.map(({ name, severity, frequency, state }) =>
        [state.status, severity, frequency, state.lastRun?.outcome ?? 'not run', name].join('\t'),
      );
      process.stdout.write(
        options.json === true ? `${JSON.stringify(answer.value)}\n` : `${[...lines, ''].join('\n')}`,
      );
    });
}

interface Run {
  readonly started: string;
  readonly ended: string;
  readonly outcome: string;
  readonly rows: number;
  readonly alerts: number;
  readonly error: string | null;
}

function addRuns(rule: Command, common: (command: Command) => Command): void {
  common(rule.command('runs'))
    .description('show the latest runs of a rule')
    .argument('<name>', 'name of the rule')
    .option('--json', 'print one line of JSON')
    .action(async (name: string, options: CommonOptions & { json?: boolean }) => {
      const path = `/spoor/rules/${encodeURIComponent(name)}/runs`;
      const { value } = (await connect(options).json({ method: 'GET', path })) as {
        readonly value: readonly Run[];
      };
      const lines = value.map(({ started, ended, outcome, rows, alerts, error }) => {
        const ms = Date.parse(`${ended.slice(0, 23)}Z`) - Date.parse(`${started.slice(0, 23)}Z`);
        return [started, outcome, `${rows} rows`, `${alerts} alerts`, `${ms} ms`, error ?? '']
          .join('\t')
          .trim();
      });
      process.stdout.write(
        options.json === true ? `${JSON.stringify(value)}\n` : `${[...lines, ''].join('\n')}`,
      );
    });
}
