import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { connect, rootCertificates } from 'node:tls';
import { CA_FILE, SERVER_FILE } from '../model/data-folder.ts';
import { CliError } from './failure.ts';

/** How the command line knows that an HTTPS server is the one it means. */
export interface Trust {
  /** SHA-256 of its certificate, base64url, as the data folder tells it: no name need be right then. */
  readonly certificate: string | undefined;
  /** The data folder's own authority, PEM. */
  readonly authority: string | undefined;
}

/** What the data folder says of the server at this URL. */
export function trustOf(dataDir: string, url: string): Trust {
  return {
    certificate: announcedCertificate(dataDir, url),
    authority: readOrNothing(join(dataDir, CA_FILE)),
  };
}

function announcedCertificate(dataDir: string, url: string): string | undefined {
  const text = readOrNothing(join(dataDir, SERVER_FILE));
  if (text === undefined) return undefined;
  const announced = JSON.parse(text) as { readonly url: string; readonly certificate?: string };
  return announced.url === url ? announced.certificate : undefined;
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Options of a request whose key goes to nobody else. Rejects with `CliError` `NoServer`, `WrongCertificate`. */
export async function secured(target: URL, { certificate, authority }: Trust): Promise<RequestOptions> {
  if (certificate === undefined) {
    return authority === undefined ? {} : { ca: [...rootCertificates, authority] };
  }
  const socket = connect({
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: Number(target.port === '' ? 443 : target.port),
    // The certificate itself is compared below, before a byte is sent.
    rejectUnauthorized: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', (error) => {
      reject(new CliError('NoServer', `no answer from ${target.origin}: ${error.message}`));
    });
  });
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw === undefined || createHash('sha256').update(raw).digest('base64url') !== certificate) {
    socket.destroy();
    throw new CliError(
      'WrongCertificate',
      `${target.origin} has another certificate than its data folder says`,
    );
  }
  return { createConnection: () => socket };
}
