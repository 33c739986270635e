import type { FastifyInstance } from 'fastify';
import { requireCommandLine } from './authenticate.ts';
import type { AppDeps } from './deps.ts';

/** Upper ends of the latency's buckets, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180] as const;

interface Latency {
  /** One more than `BUCKETS`: the last counts what took longer. */
  readonly counts: number[];
  sum: number;
}

/** What the server has answered, by route: the routes are few, so the series are. */
interface Registry {
  readonly answers: Map<string, number>;
  readonly latencies: Map<string, Latency>;
}

/**
 * Counts every answer of the app, and gives `GET /metrics` in Prometheus's text form to who has the command line's key
 * (`Authorization: SpoorKey ...`), for routes and loads tell of tenants. Must be called before any route is registered.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function countAnswers(app: FastifyInstance, deps: AppDeps): void {
  const registry: Registry = { answers: new Map(), latencies: new Map() };
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = `method=${label(request.method)},route=${label(route)}`;
    const answer = `${labels},status="${reply.statusCode}"`;
    registry.answers.set(answer, (registry.answers.get(answer) ?? 0) + 1);
    let latency = registry.latencies.get(labels);
    if (latency === undefined) {
      latency = { counts: new Array<number>(BUCKETS.length + 1).fill(0), sum: 0 };
      registry.latencies.set(labels, latency);
    }
    const seconds = reply.elapsedTime / 1000;
    const bucket = BUCKETS.findIndex((end) => seconds <= end);
    const place = bucket < 0 ? BUCKETS.length : bucket;
    latency.counts[place] = (latency.counts[place] ?? 0) + 1;
    latency.sum += seconds;
  });
  app.get(
    '/metrics',
    { onRequest: async (request) => requireCommandLine(deps, request) },
    async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(metricsText(registry, deps.version)),
  );
}

function metricsText(registry: Registry, version: string): string {
  const lines: string[] = [];
  const family = (name: string, type: string, help: string, samples: readonly string[]) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples);
  family(
    'spoor_http_answers_total',
    'counter',
    'Answers by route and status.',
    [...registry.answers].map(([labels, count]) => `spoor_http_answers_total{${labels}} ${count}`),
  );
  family(
    'spoor_http_answer_seconds',
    'histogram',
    'Time from a request to the end of its answer.',
    [...registry.latencies].flatMap(([labels, latency]) => histogram(labels, latency)),
  );
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  family('process_cpu_seconds_total', 'counter', 'CPU time of the server, without the engine.', [
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
  ]);
  family('process_resident_memory_bytes', 'gauge', 'Memory of the server, without the engine.', [
    `process_resident_memory_bytes ${rss}`,
  ]);
  family('nodejs_heap_used_bytes', 'gauge', 'Of that, used by the heap.', [
    `nodejs_heap_used_bytes ${heapUsed}`,
  ]);
  family('process_start_time_seconds', 'gauge', 'When the server was started, since 1970.', [
    `process_start_time_seconds ${Date.now() / 1000 - process.uptime()}`,
  ]);
  family('spoor_info', 'gauge', 'The version that runs.', [`spoor_info{version=${label(version)}} 1`]);
  return `${lines.join('\n')}\n`;
}

function histogram(labels: string, { counts, sum }: Latency): readonly string[] {
  let total = 0;
  const buckets = counts.map((count, place) => {
    total += count;
    return `spoor_http_answer_seconds_bucket{${labels},le="${BUCKETS[place] ?? '+Inf'}"} ${total}`;
  });
  return [
    ...buckets,
    `spoor_http_answer_seconds_sum{${labels}} ${sum}`,
    `spoor_http_answer_seconds_count{${labels}} ${total}`,
  ];
}

function label(value: string): string {
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
