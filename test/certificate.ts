import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for two days and its key, both PEM, made by `openssl`. */
export function makeCertificate(newkey = 'rsa:2048'): { readonly certificate: string; readonly key: string } {
  const file = join(tmpdir(), `spoor-key-${randomUUID()}.pem`);
  const made = ['-x509', '-newkey', newkey, '-nodes', '-keyout', file, '-subj', '/CN=test', '-days', '2'];
  const certificate = execFileSync('openssl', ['req', ...made], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const key = readFileSync(file, 'utf8');
  rmSync(file);
  return { certificate, key };
}
