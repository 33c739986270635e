import { deepEqual, equal, ok } from 'node:assert/strict';
import { startTestServer, type TestServer } from '../server.ts';
import { type ApiAnswer, type ApiClient, signIn } from './api-client.ts';
import { enginePid, isRunning } from './processes.ts';

/** What was sent to a data folder so far, over all rounds; deliveries are numbered from 0. */
export interface Ledger {
  sent: number;
  readonly acknowledged: Set<number>;
}

/** What a round saw. */
export interface Round {
  /** The server that runs on the data folder now. */
  readonly server: TestServer;
  readonly acknowledged: number;
  readonly repeated: number;
  /** From the kill until the server answered again. */
  readonly backAfterMs: number;
}

export function describeRound({ acknowledged, repeated, backAfterMs }: Round): string {
  const back = `back after ${Math.round(backAfterMs)} ms`;
  return `${acknowledged} deliveries acknowledged, ${repeated} sent again, ${back}`;
}

const ROWS_PER_DELIVERY = 50;
export const READY_WITHIN_MS = 30_000;

const DELIVERING = 4;
const QUERYING = 3;
const ACKNOWLEDGED_BEFORE_KILL = 20;
/** Nothing that was under way may take longer than this after a kill. */
const HANG_MS = 10_000;
/** Every row of a million with every other one: hours. */
const SLOW = `range i from 1 to 1000000 step 1 | extend k = 1
  | join kind=inner (range j from 1 to 1000000 step 1 | extend k = 1) on k | summarize sum(i * j)`;

/** `kill -9` of the server amid deliveries and queries; a new one takes its data folder over. */
export async function killServer(server: TestServer, ledger: Ledger): Promise<Round> {
  const before = ledger.acknowledged.size;
  const firstSent = ledger.sent;
  const engine = enginePid(server.process.pid);
  const ended = new Promise((resolve) => server.process.once('exit', resolve));
  const work = await startWork(await signIn(server), ledger);
  server.process.kill('SIGKILL');
  const killedMs = performance.now();
  await ended;
  const { deliveries, queries } = await work.end();
  for (const query of queries) equal(query, undefined, 'a query of a killed server was answered');
  for (const answer of deliveries) equal(answer?.status, 200);

  const next = await startTestServer(['--no-sample'], UNLIMITED, server.data);
  try {
    const backAfterMs = performance.now() - killedMs;
    const acknowledged = ledger.acknowledged.size - before;
    ok(!isRunning(engine), 'the engine of a killed server still runs');
    const repeated = await proveLedger(await signIn(next), ledger, firstSent);
    return { server: next, acknowledged, repeated, backAfterMs };
  } catch (error) {
    await next.stop();
    throw error;
  }
}

/** `kill -9` of the engine under a server that goes on. */
export async function killEngine(server: TestServer, ledger: Ledger): Promise<Round> {
  const before = ledger.acknowledged.size;
  const firstSent = ledger.sent;
  const client = await signIn(server);
  const engine = enginePid(server.process.pid);
  const work = await startWork(client, ledger);
  process.kill(engine, 'SIGKILL');
  const killedMs = performance.now();
  await answersAgain(client, killedMs);
  const backAfterMs = performance.now() - killedMs;
  const { deliveries, queries } = await work.end();
  for (const query of queries) {
    equal(query?.status, 503);
    equal(query?.code, 'EngineUnavailable');
    ok(Number(query?.retryAfter) > 0, 'no Retry-After');
  }
  // A delivery waits for the next engine and goes on; where it cannot, it says so.
  for (const answer of deliveries) ok(answer?.status === 200 || answer?.code === 'EngineUnavailable');
  ok(!isRunning(engine));
  const acknowledged = ledger.acknowledged.size - before;
  const repeated = await proveLedger(client, ledger, firstSent);
  return { server, acknowledged, repeated, backAfterMs };
}

/** The limits on calls would end the rounds early. */
export const UNLIMITED = { SPOOR_QUOTAS: 'unlimited' };

/**
 * Everything acknowledged is there once; everything else is there once or not at all, and once after it was sent
 * again. Gives the number of deliveries that were sent again without having been acknowledged.
 */
async function proveLedger(client: ApiClient, ledger: Ledger, firstSent: number): Promise<number> {
  const after = await storedRows(client);
  for (const n of ledger.acknowledged) equal(after.get(nameOf(n)), ROWS_PER_DELIVERY, `acknowledged: ${n}`);
  for (const [name, rows] of after) equal(rows, ROWS_PER_DELIVERY, `not whole: ${name}`);
  const repeated = Array.from({ length: ledger.sent }, (_, n) => n).filter(
    (n) => !ledger.acknowledged.has(n),
  );
  // Some that were acknowledged, too: they must not be stored again.
  const known = [...ledger.acknowledged].filter((n) => n >= firstSent).slice(-5);
  for (const n of [...repeated, ...known]) {
    const answer = await client.deliver(nameOf(n), delivery(n));
    equal(answer.status, 200, `delivery ${n} again: ${answer.code}`);
    ledger.acknowledged.add(n);
  }
  const whole = await storedRows(client);
  equal(whole.size, ledger.sent);
  for (const [name, rows] of whole) equal(rows, ROWS_PER_DELIVERY, `in the end: ${name}`);
  return repeated.length;
}

/** A call that reached the dying process is told to come again; the first after it waits for the next engine. */
async function answersAgain(client: ApiClient, killedMs: number): Promise<void> {
  for (;;) {
    const { status, code, retryAfter } = await client.query('print one = 1');
    if (status === 200) return;
    deepEqual([status, code, Number(retryAfter) > 0], [503, 'EngineUnavailable', true]);
    ok(performance.now() - killedMs < READY_WITHIN_MS, 'no query works after the kill of the engine');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Work {
  /** No new deliveries; the answers of what was under way, undefined where the connection broke. */
  end(): Promise<{
    readonly deliveries: readonly (ApiAnswer | undefined)[];
    readonly queries: readonly (ApiAnswer | undefined)[];
  }>;
}

/** Deliveries one after another and slow queries; resolves when they run and enough was acknowledged. */
async function startWork(client: ApiClient, ledger: Ledger): Promise<Work> {
  let goesOn = true;
  let acknowledged = 0;
  const deliveries: (ApiAnswer | undefined)[] = [];
  let enough: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const queries = Array.from({ length: QUERYING }, () => answerOf(client.query(SLOW)));
  const delivering = Array.from({ length: DELIVERING }, async () => {
    while (goesOn) {
      const n = ledger.sent++;
      const answer = await answerOf(client.deliver(nameOf(n), delivery(n)));
      if (answer === undefined) return;
      deliveries.push(answer);
      if (answer.status === 200) ledger.acknowledged.add(n);
      if (answer.status === 200 && ++acknowledged === ACKNOWLEDGED_BEFORE_KILL) enough();
    }
  });
  await Promise.race([
    ready,
    ...queries.map(async (query) => {
      throw new Error(`a slow query ended before the kill: ${JSON.stringify(await query)}`);
    }),
  ]);
  return {
    async end() {
      const settled = Promise.all([Promise.all(queries), Promise.all(delivering)]);
      goesOn = false;
      return { queries: (await within(HANG_MS, settled))[0], deliveries };
    },
  };
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`something still hangs ${ms} ms after the kill`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Undefined where the connection broke. */
function answerOf(call: Promise<ApiAnswer>): Promise<ApiAnswer | undefined> {
  return call.catch(() => undefined);
}

/** Stored rows that differ, by delivery; fails where a row is there twice. */
async function storedRows(client: ApiClient): Promise<ReadonlyMap<string, number>> {
  const rows = await client.rows<{ DeviceName: string; n: number; different: number }>(
    `DeviceFileEvents | where DeviceName startswith "kill-"
     | summarize n = count(), different = array_length(make_set(FileName)) by DeviceName`,
  );
  for (const { DeviceName, n, different } of rows) equal(n, different, `${DeviceName} holds rows twice`);
  return new Map(rows.map(({ DeviceName, n }) => [DeviceName, n]));
}

function nameOf(n: number): string {
  return `kill-${n}`;
}

/** A repeat must be the same to the byte. */
const STARTED_AT = new Date().toISOString();

function delivery(n: number): string {
  const records = Array.from({ length: ROWS_PER_DELIVERY }, (_, row) => ({
    category: 'AdvancedHunting-DeviceFileEvents',
    properties: {
      Timestamp: STARTED_AT,
      DeviceName: nameOf(n),
      ActionType: 'FileCreated',
      FileName: `file-${row}`,
    },
  }));
  return JSON.stringify({ records });
}
