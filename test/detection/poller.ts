import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCli, startTestServer, type TestServer } from '../server.ts';

/** How long, and how rough. */
export interface PollerOptions {
  readonly durationMs: number;
  /** `kill -9` of the server at random moments, spread over the time. */
  readonly kills: number;
  readonly writers: number;
}

export interface PollerReport {
  /** What was written, each once: detections from outside, and events that a rule must find. */
  readonly written: readonly string[];
  /** What the poller got, in its order. */
  readonly pulled: readonly string[];
  readonly polls: number;
  readonly kills: number;
  /** True where `LastProcessedTimeUtc` of all that was pulled is different and each poll was newest first. */
  readonly ordered: boolean;
}

const SETTLE_MS = 60_000;
const EVENTS_PER_DELIVERY = 20;
const RULE = `name: poller
title: Marked event on {{DeviceName}}
severity: Low
category: Execution
frequency: continuous
maxAlerts: 10000
query: DeviceProcessEvents | where FileName == "marked.exe"
entities: { device: DeviceId }
`;

/**
 * Writers send detections and events, each again until it is acknowledged; a continuous rule finds the events; a poller
 * asks again and again with the largest time it has seen; and the server is killed meanwhile.
 */
export async function runPoller(options: PollerOptions): Promise<PollerReport> {
  const port = String(await freePort());
  let server = await startTestServer(['--port', port]);
  try {
    const client = await signIn(server);
    const written: string[] = [];
    const pulled: string[] = [];
    const endsMs = performance.now() + options.durationMs;
    const isOver = () => performance.now() >= endsMs;
    const state = { largest: '2020-01-01T00:00:00', polls: 0, ordered: true };
    const times = new Set<string>();

    const poll = async (): Promise<number> => {
      const answer = await fetch(`${server.url}/api/alerts?sinceTimeUtc=${state.largest}`, {
        headers: { authorization: `Bearer ${client.siemToken}` },
      });
      if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${await answer.text()}`);
      const detections = (await answer.json()) as Readonly<Record<string, string>>[];
      const own = detections.map((each) => each['LastProcessedTimeUtc'] ?? '');
      if (own.some((time, i) => i > 0 && time >= (own[i - 1] ?? ''))) state.ordered = false;
      for (const time of own) {
        if (times.has(time)) state.ordered = false;
        times.add(time);
      }
      pulled.push(...detections.map((each) => each['CommandLine'] ?? ''));
      state.largest = own[0] ?? state.largest;
      state.polls++;
      return detections.length;
    };
    const write = async (n: number): Promise<void> => {
      for (let i = 0; !isOver(); i++) {
        const ids = Array.from({ length: EVENTS_PER_DELIVERY }, (_, k) => `${n}-${i}-${k}`);
        await untilAcknowledged(() => (i % 2 === 0 ? client.detect(ids) : client.deliver(ids, `${n}-${i}`)));
        written.push(...ids);
        await pause(Math.random() * 100);
      }
    };
    const pollOn = async (): Promise<void> => {
      while (!isOver()) {
        await untilAcknowledged(async () => {
          await poll();
          return true;
        });
        await pause(50);
      }
    };
    let kills = 0;
    const killOn = async (): Promise<void> => {
      const share = options.durationMs / Math.max(1, options.kills);
      for (; kills < options.kills; kills++) {
        await pause(Math.random() * share);
        const ended = new Promise((resolve) => server.process.once('exit', resolve));
        server.process.kill('SIGKILL');
        await ended;
        server = await startTestServer(['--port', port], {}, server.data);
      }
    };
    await Promise.all([...Array.from({ length: options.writers }, (_, n) => write(n)), pollOn(), killOn()]);
    const settledMs = performance.now() + SETTLE_MS;
    while (pulled.length < written.length && performance.now() < settledMs) {
      await poll();
      await pause(200);
    }
    await pause(2000);
    await poll();
    return { written, pulled, polls: state.polls, kills, ordered: state.ordered };
  } finally {
    await server.remove();
  }
}

interface Client {
  readonly siemToken: string;
  detect(ids: readonly string[]): Promise<boolean>;
  deliver(ids: readonly string[], key: string): Promise<boolean>;
}

async function signIn(server: TestServer): Promise<Client> {
  const data = ['--data', server.data, '--json'];
  const siem = JSON.parse((await runCli(['siem', 'enable', ...data])).stdout) as Readonly<
    Record<string, string>
  >;
  const made = await runCli(['app', 'create', '--name', 'writer', '--role', 'Detections.Write.All', ...data]);
  const writer = JSON.parse(made.stdout) as Readonly<Record<string, string>>;
  const token = async (clientId: string, clientSecret: string): Promise<string> => {
    const answer = await fetch(siem['tokenUrl'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        resource: siem['resource'] ?? '',
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
  const asCli = { authorization: `SpoorKey ${key}` };
  const applied = await fetch(`${server.url}/spoor/rule-sets/apply`, {
    method: 'POST',
    headers: asCli,
    body: JSON.stringify({ rules: [RULE] }),
  });
  if (applied.status !== 200) throw new Error(await applied.text());
  const writerToken = await token(writer['clientId'] ?? '', writer['clientSecret'] ?? '');
  const send = async (path: string, headers: Record<string, string>, body: string): Promise<boolean> => {
    const answer = await fetch(server.url + path, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status >= 400 && answer.status < 500) throw new Error(`${path}: ${answer.status} ${text}`);
    return answer.status === 200;
  };
  return {
    siemToken: await token(siem['clientId'] ?? '', siem['clientSecret'] ?? ''),
    detect: (ids) =>
      send(
        '/api/detections',
        { authorization: `Bearer ${writerToken}` },
        JSON.stringify(ids.map((id) => ({ ExternalId: id, CommandLine: id }))),
      ),
    deliver: (ids, name) =>
      send(
        '/spoor/admin/ingest/records',
        { ...asCli, 'idempotency-key': name },
        ids.map((id) => JSON.stringify(eventOf(id))).join('\n'),
      ),
  };
}

function eventOf(id: string): object {
  return {
    category: 'AdvancedHunting-DeviceProcessEvents',
    properties: {
      Timestamp: '2021-01-01T00:00:00Z',
      DeviceId: `device-${id.length % 3}`,
      DeviceName: 'lab',
      ActionType: 'ProcessCreated',
      ReportId: idNumber(id),
      FileName: 'marked.exe',
      ProcessCommandLine: id,
    },
  };
}

/** A number of its own for each id. */
function idNumber(id: string): number {
  const [n = 0, i = 0, k = 0] = id.split('-').map(Number);
  return (i * 100 + n) * 100 + k;
}

/** A server that is down is asked again; a refusal is a failure of the test. */
async function untilAcknowledged(send: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      if (await send()) return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await pause(100);
  }
  throw new Error('the server did not come back');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
