import { Agent, type IncomingMessage, request } from 'node:http';

/** Sends hunting statements to the embedded engine process. */
export interface HuntLine {
  /**
   * Resolves with the body once the engine answers 200; rejects with the engine's text (`Code: n. ...`), the system's
   * failure (`ECONNREFUSED`, `ECONNRESET`), or the signal's reason. Nothing is ever sent twice.
   */
  send(
    statement: string,
    database: string,
    queryId: string,
    settings: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage>;
  close(): void;
}

/**
 * A line of its own beside `@clickhouse/client`, which takes some 3 ms a statement where this takes half of one: a
 * query that the index answers at once would spend longer on its way than in the engine. Connections are kept, for
 * only the engine's death ends them (`host.ts`), and then the system tells at once.
 */
export function openHuntLine(url: string, key: string): HuntLine {
  const agent = new Agent({ keepAlive: true, noDelay: true });
  const authorization = `Basic ${Buffer.from(`spoor:${key}`).toString('base64')}`;
  return {
    send(statement, database, queryId, settings, signal) {
      const parameters = new URLSearchParams({ query_id: queryId });
      for (const [name, value] of Object.entries(settings)) parameters.set(name, String(value));
      return new Promise((resolve, reject) => {
        const headers = { authorization, 'X-ClickHouse-Database': database };
        const target = new URL(`/hunt?${parameters}`, url);
        const asked = request(target, { method: 'POST', agent, headers, signal }, (answer) => {
          if (answer.statusCode === 200) resolve(answer);
          else textOf(answer).then((text) => reject(new Error(text)), reject);
        });
        asked.once('error', reject);
        asked.end(statement);
      });
    },
    close: () => agent.destroy(),
  };
}

const LONGEST_FAILURE_CHARS = 64 * 1024;

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    if (text.length < LONGEST_FAILURE_CHARS) text += chunk;
  }
  return text;
}
