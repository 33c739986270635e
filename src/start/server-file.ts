import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { SERVER_FILE } from '../model/data-folder.ts';
import { RequestError } from '../model/request-error.ts';

/** Writes the file by which the command line finds the server; gives back how to take it away. */
export function announce(
  dataDir: string,
  url: string,
  tenant: string,
  certificate: string | undefined,
): () => Promise<void> {
  const file = join(dataDir, SERVER_FILE);
  writeFileSync(file, `${JSON.stringify({ url, tenant, pid: process.pid, certificate })}\n`, { mode: 0o600 });
  return async () => rmSync(file, { force: true });
}

/** Two servers on one folder would take each other's engine away. The engine's own lock stands behind this. */
export async function refuseSecondServer(dataDir: string): Promise<void> {
  let file: string;
  try {
    file = readFileSync(join(dataDir, SERVER_FILE), 'utf8');
  } catch {
    return;
  }
  const { url, pid } = JSON.parse(file) as { url: string; pid: number };
  // A server that was killed leaves its file behind; its process id or its port may be another's by now.
  const answers = await isAnswering(`${url}/healthz`);
  if (!answers || !isAlive(pid)) return;
  throw new RequestError('AlreadyRunning', 409, `a server (process ${pid}) runs on ${dataDir}, at ${url}`);
}

/** Any answer will do, whoever's certificate it comes with. */
function isAnswering(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: 2000, rejectUnauthorized: false };
    const request = (url.startsWith('https:') ? httpsGet : httpGet)(url, options, (answer) => {
      answer.destroy();
      resolve(true);
    });
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', () => resolve(false));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
