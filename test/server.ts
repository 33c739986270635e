import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLI, ROOT, requireBuilt } from './built.ts';

/** A server of its own, started as a user starts it, with a data folder of its own. */
export interface TestServer {
  readonly url: string;
  readonly tenant: string;
  readonly data: string;
  readonly process: ChildProcess;
  /** Posts to a route of administration with the command line's key; throws what the server refuses. */
  administer<Answer>(path: string, body: object): Promise<Answer>;
  /** Standard error so far: the log. */
  log(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Stops it if it runs and deletes the folder. */
  remove(): Promise<void>;
}

const START_MS = 90_000;

export async function startTestServer(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  data: string = mkdtempSync(join(tmpdir(), 'spoor-server-')),
): Promise<TestServer> {
  requireBuilt();
  const child = spawn(process.execPath, [CLI, 'serve', '--data', data, '--port', '0', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (piece: Buffer) => {
    log += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = await firstLine(child, ended, () => log);
  const { url, tenant } = JSON.parse(ready) as { url: string; tenant: string };
  const stop = () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return ended;
  };
  return {
    url,
    tenant,
    data,
    process: child,
    async administer<Answer>(path: string, body: object) {
      const key = readFileSync(join(data, 'cli.key'), 'utf8').trim();
      const answer = await fetch(`${url}/spoor/admin/${path}`, {
        method: 'POST',
        headers: { authorization: `SpoorKey ${key}` },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
      return (await answer.json()) as Answer;
    },
    log: () => log,
    stop,
    async remove() {
      await stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function firstLine(
  child: ChildProcess,
  ended: Promise<number | null>,
  log: () => string,
): Promise<string> {
  if (child.stdout === null) throw new Error('a server without standard output');
  const lines = createInterface({ input: child.stdout });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  try {
    return await Promise.race([
      line,
      ended.then((code) => {
        throw new Error(`the server ended with ${code} before it was ready:\n${log()}`);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the command line to its end. */
export function runCli(args: readonly string[]): Promise<CliResult> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
