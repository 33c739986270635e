import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../built.ts';
import { runCli, startTestServer, type TestServer } from '../server.ts';

const FOLDER = `${ROOT}test/detection/rules`;
const RULES = '/beta/security/rules/detectionRules';
type Answer = Readonly<Record<string, unknown>>;

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = await tokenWith(['CustomDetection.ReadWrite.All'], 'https://graph.microsoft.com');
});
afterAll(() => server?.remove());

async function cli(...args: readonly string[]): Promise<string> {
  const result = await runCli([...args, '--data', server.data]);
  expect(result.code, result.stderr).toBe(0);
  return result.stdout;
}

async function tokenWith(roles: readonly string[], resource: string): Promise<string> {
  const asked = roles.flatMap((role) => ['--role', role]);
  const app = JSON.parse(await cli('app', 'create', '--name', 'test', ...asked, '--json')) as Readonly<
    Record<string, string>
  >;
  const answer = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app['clientId'] ?? '',
      client_secret: app['clientSecret'] ?? '',
      resource,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function call(method: string, path: string, body?: object, bearer = token) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Answer };
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 150; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it did not happen');
}

const GRAPH_RULE = {
  displayName: 'Port 4444',
  isEnabled: true,
  queryCondition: {
    queryText:
      'DeviceNetworkEvents | where RemotePort == 4444 | project Timestamp, DeviceId, ReportId, RemoteIP',
  },
  schedule: { period: '3H' },
  detectionAction: {
    alertTemplate: {
      title: 'Port 4444 to {{RemoteIP}}',
      description: 'example',
      severity: 'medium',
      category: 'Command and control',
      mitreTechniques: ['T1571'],
      impactedAssets: [
        { '@odata.type': '#microsoft.graph.security.impactedDeviceAsset', identifier: 'deviceId' },
      ],
    },
    organizationalScope: null,
    responseActions: [],
  },
};

describe('rules through Graph', () => {
  it('are made, listed, changed and removed', async () => {
    const made = await call('POST', RULES, GRAPH_RULE);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body).toMatchObject({ ...GRAPH_RULE, id: '1', detectionAction: expect.anything() });
    expect(made.body['detectionAction']).toMatchObject({
      alertTemplate: { category: 'CommandAndControl', severity: 'medium' },
    });
    expect((await call('POST', RULES, GRAPH_RULE)).status).toBe(409);
    const { body } = await call('GET', RULES);
    expect((body['value'] as Answer[]).map((rule) => rule['displayName'])).toEqual(['Port 4444']);
    const changed = await call('PATCH', `${RULES}/1`, { isEnabled: false, schedule: { period: '24H' } });
    expect(changed.body).toMatchObject({ status: 'disabled', schedule: { period: '24H' } });
    expect((await call('DELETE', `${RULES}/1`)).status).toBe(204);
    expect((await call('GET', `${RULES}/1`)).status).toBe(404);
  });

  it('are told in the newer shape, which v1.0 has alone', async () => {
    const rules = '/v1.0/security/rules/detectionRules';
    const entityMappings = {
      hosts: [{ deviceIdColumn: 'DeviceId' }],
      ips: [{ addressColumn: 'RemoteIP' }],
    };
    const tactics = [
      {
        tactic: 'CommandAndControl',
        techniques: [
          { technique: 'T1571', subTechniques: [] },
          { technique: 'T1071', subTechniques: ['T1071.001'] },
        ],
      },
    ];
    const rule = {
      id: 'odd-port',
      displayName: 'Port 5555',
      status: 'enabled',
      queryCondition: GRAPH_RULE.queryCondition,
      schedule: { frequency: 'PT3H', lookback: 'P1D' },
      detectionAction: {
        alertTemplate: {
          title: 'Port 5555',
          description: 'example',
          severity: 'medium',
          tactics,
          entityMappings,
          customDetails: { Peer: 'RemoteIP' },
        },
        automatedActions: { isolateDevices: [] },
      },
    };
    const made = await call('POST', rules, rule);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { schedule, isEnabled, detectionAction } = made.body;
    expect([schedule, isEnabled]).toEqual([{ frequency: 'PT3H' }, undefined]);
    expect(detectionAction).toMatchObject({ alertTemplate: { tactics, entityMappings } });
    expect((detectionAction as { alertTemplate: Answer }).alertTemplate).not.toHaveProperty('category');
    expect((await call('GET', `${rules}/odd-port`)).body['id']).toBe(made.body['id']);

    const path = `${RULES}/${made.body['id']}`;
    const { body: beta } = await call('GET', path);
    expect(beta).toMatchObject({ isEnabled: true, schedule: { period: '3H', lookback: 'P1D' } });
    // A client of the older shape changes what it knows and sends the rest back.
    const template = (beta['detectionAction'] as { alertTemplate: Answer }).alertTemplate;
    const sent = {
      ...beta,
      isEnabled: false,
      schedule: { ...(beta['schedule'] as Answer), period: '12H' },
      detectionAction: { alertTemplate: { ...template, mitreTechniques: ['T1571'] } },
    };
    const changed = await call('PATCH', path, sent);
    expect(changed.body).toMatchObject({
      status: 'disabled',
      schedule: { frequency: 'PT12H', lookback: 'P2D' },
      detectionAction: { alertTemplate: { mitreTechniques: ['T1571'], entityMappings } },
    });
    const action = (detectionAction: object) => call('PATCH', path, { detectionAction });
    const isolate = { isolateDevices: [{ deviceIdColumn: 'DeviceId', isolationType: 'full' }] };
    expect((await action({ automatedActions: isolate })).status).toBe(400);
    expect((await action({ alertTemplate: { entityMappings: { dns: [{}] } } })).status).toBe(400);
    expect((await action({ alertTemplate: { eventGroupingKind: 'singleAlert' } })).status).toBe(400);
    expect((await call('PATCH', path, { schedule: { frequency: 'weekly' } })).status).toBe(400);
    const continuous = await call('PATCH', path, { schedule: { frequency: 'PT0S' } });
    expect(continuous.body).toMatchObject({ schedule: { frequency: 'PT0S', period: '0' } });
    expect((await call('DELETE', path)).status).toBe(204);
  });

  it('are refused with what is missing', async () => {
    const queryText = 'DeviceNetworkEvents | summarize count() by DeviceId';
    const { status, body } = await call('POST', RULES, { ...GRAPH_RULE, queryCondition: { queryText } });
    expect(status).toBe(400);
    expect((body['error'] as Answer)['message']).toContain('arg_max(Timestamp, ReportId)');
    const other = await tokenWith(['Alert.Read.All'], 'https://graph.microsoft.com');
    expect((await call('GET', RULES, undefined, other)).status).toBe(403);
  });
});

describe('rules by command', () => {
  it('show their plan, are applied, find what was delivered and are pulled', async () => {
    expect(await cli('rule', 'apply', FOLDER)).toContain('+ netcat');
    expect(await cli('rule', 'list')).not.toContain('netcat');
    await cli('rule', 'apply', FOLDER, '--yes');
    expect(JSON.parse(await cli('rule', 'apply', FOLDER, '--json'))).toMatchObject({ same: ['netcat'] });
    await cli('ingest', `${FOLDER}/netcat/trip.ndjson`);
    const out = mkdtempSync(join(tmpdir(), 'spoor-arcsight-'));
    try {
      const enabled = await cli('siem', 'enable', '--json', '--out', out);
      const siem = JSON.parse(enabled.trim().split('\n').at(-1) ?? '') as Readonly<Record<string, string>>;
      expect(Object.keys(siem)).toEqual([
        'clientId',
        'clientSecret',
        'tenant',
        'tokenUrl',
        'resource',
        'alertsUrl',
      ]);
      const properties = readFileSync(join(out, 'WDATP-connector.properties'), 'utf8');
      expect(properties).toContain(`client_id=${siem['clientId']}\n`);
      expect(properties).toContain(`events_url=${siem['alertsUrl']}/?sinceTimeUtc=$START_AT_TIME\n`);
      expect(readFileSync(join(out, 'WDATP-connector.jsonparser.properties'), 'utf8')).toContain(
        'event.name=AlertTitle\n',
      );
      const answer = await fetch(siem['tokenUrl'] ?? '', {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: siem['clientId'] ?? '',
          client_secret: siem['clientSecret'] ?? '',
          resource: siem['resource'] ?? '',
        }),
      });
      const { access_token } = (await answer.json()) as { access_token: string };
      const detections = await until(async () => {
        const { body } = await call('GET', '/api/alerts', undefined, access_token);
        return (body as unknown as Answer[]).length > 0 ? (body as unknown as Answer[]) : undefined;
      });
      expect(detections.map((each) => each['AlertTitle'])).toEqual(['Netcat on lab-07', 'Netcat on lab-07']);
    } finally {
      rmSync(out, { recursive: true });
    }
    const runs = JSON.parse(await cli('rule', 'runs', 'netcat', '--json')) as Answer[];
    expect(runs[0]).toMatchObject({ outcome: 'completed', rows: 2, detections: 2, alerts: 1 });
  });

  it('are switched off, on, and removed', async () => {
    await cli('rule', 'apply', FOLDER, '--yes');
    const status = async () =>
      (await cli('rule', 'list')).split('\n').find((line) => line.includes('netcat'));
    await cli('rule', 'disable', 'netcat');
    expect(await status()).toMatch(/^off\t/);
    await cli('rule', 'enable', 'netcat');
    expect(await status()).toMatch(/^on\t/);
    await cli('rule', 'remove', 'netcat');
    expect(await status()).toBeUndefined();
    const gone = await runCli(['rule', 'remove', 'netcat', '--data', server.data]);
    expect(gone.stderr).toContain('ResourceNotFound');
    expect(gone.code).not.toBe(0);
    await cli('rule', 'apply', FOLDER, '--yes');
  });

  it('tell in the plan why they would be refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spoor-refused-rules-'));
    try {
      mkdirSync(join(folder, 'no-event'));
      const form = {
        name: 'no-event',
        description: 'counts',
        severity: 'Low',
        category: 'Execution',
        frequency: 'continuous',
        title: '{{Nope}}',
        query: 'DeviceProcessEvents | summarize count() by FileName',
      };
      // JSON is YAML.
      writeFileSync(join(folder, 'no-event', 'rule.yaml'), JSON.stringify(form));
      const plan = await runCli(['rule', 'apply', folder, '--data', server.data]);
      expect(plan.code).toBe(1);
      expect(plan.stdout).toContain('+ no-event\n');
      const codes = [...plan.stdout.matchAll(/^! (\w+): `no-event\./gm)].map(([, code]) => code);
      expect(new Set(codes)).toEqual(new Set(['MissingColumn', 'UnknownColumn', 'NotContinuous']));
      const applied = await runCli(['rule', 'apply', folder, '--yes', '--data', server.data]);
      expect(applied.code).toBe(1);
      expect(applied.stderr).toContain('RuleRefused');
      expect(await cli('rule', 'list')).not.toContain('no-event');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are tested on their events', async () => {
    const passed = await runCli(['rule', 'test', FOLDER]);
    expect(passed.stdout).toMatch(/^ok {3}netcat \(1 alert, \d+ ms\)\n$/);
    expect(passed.code, passed.stderr).toBe(0);
    const failed = await runCli(['rule', 'test', `${ROOT}test/detection/broken-rules`, '--json']);
    expect(failed.code).toBe(1);
    const results = failed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['loud', 'failed'],
      ['no-events', 'untested'],
    ]);
    expect(results[0]?.['problems']).toEqual([
      'expected 1 alerts, found 1',
      '- - title: Something else',
      '+ - title: nc64.exe was started',
      'quiet.ndjson must make no alert',
      expect.stringContaining('+ - title: nc.exe was started'),
      ...Array.from({ length: 8 }, () => expect.any(String)),
    ]);
  });

  it('are tried on past days', async () => {
    const recent = new Date(Date.now() - 3_600_000).toISOString();
    const rows = [1, 2].map((ReportId) =>
      JSON.stringify({
        category: 'AdvancedHunting-DeviceProcessEvents',
        properties: {
          Timestamp: recent,
          DeviceId: `past-${ReportId}`,
          DeviceName: `past-${ReportId}`,
          ReportId,
          FileName: 'nc64.exe',
          ProcessCommandLine: 'nc64.exe -e',
        },
      }),
    );
    const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
    const sent = await fetch(`${server.url}/spoor/admin/ingest/records`, {
      method: 'POST',
      headers: { authorization: `SpoorKey ${key}` },
      body: rows.join('\n'),
    });
    expect(sent.status).toBe(200);
    await sent.text();
    const report = JSON.parse(await cli('rule', 'backtest', 'netcat', '--days', '2', '--json')) as Answer;
    expect(report).toMatchObject({ queries: 1, rows: 2, alerts: 2, suppressed: 0 });
    expect((report['alertsPerDay'] as Record<string, number>)[recent.slice(0, 10)]).toBe(2);
    expect((report['samples'] as Answer[]).length).toBe(2);
  });
});
