import { Agent, request } from 'node:http';

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What every answer must have. */
  readonly status: number;
}

export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends the same request again and again over `connections` kept connections, for some seconds after a warm-up. */
export async function measure(load: Load, connections: number, seconds: number): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  await rounds(load, agent, connections, 1);
  const { tookMs, wholeMs } = await rounds(load, agent, connections, seconds);
  agent.destroy();
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? 0;
  return { perSecond: tookMs.length / (wholeMs / 1000), p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function rounds(load: Load, agent: Agent, connections: number, seconds: number) {
  const tookMs: number[] = [];
  const beganMs = performance.now();
  const untilMs = beganMs + seconds * 1000;
  const one = async () => {
    while (performance.now() < untilMs) {
      const startedMs = performance.now();
      await send(load, agent);
      tookMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { tookMs, wholeMs: performance.now() - beganMs };
}

function send({ url, headers, body, status }: Load, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === status) resolve();
        else reject(new Error(`${url} answered ${answer.statusCode}, not ${status}`));
      });
      answer.once('error', reject);
    });
    call.once('error', reject);
    call.end(body);
  });
}
