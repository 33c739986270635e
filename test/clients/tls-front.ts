import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A reverse proxy with a certificate of its own, as it stands before a server: the directory's clients insist on TLS. */
export interface TlsFront {
  readonly url: string;
  /** File of the certificate, for `NODE_EXTRA_CA_CERTS` and its like. */
  readonly caFile: string;
  /** Where requests go from now on. */
  forwardTo(url: string): void;
  close(): Promise<void>;
}

export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

export async function startTlsFront(): Promise<TlsFront> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-tls-'));
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', keyFile, '-out', caFile],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  let target: URL | undefined;
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (asked, reply) => {
    if (target === undefined) {
      reply.writeHead(503).end();
      return;
    }
    const { method, url: path, headers } = asked;
    const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    onward.once('error', () => reply.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caFile,
    forwardTo(url) {
      target = new URL(url);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
