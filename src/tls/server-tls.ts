import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { RequestError } from '../model/request-error.ts';
import { readCertificate, type TlsCertificate } from './certificate.ts';

export interface TlsSettings {
  readonly dataDir: string;
  readonly tls: 'off' | 'self-signed';
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly host: string;
  readonly publicUrls: readonly string[] | undefined;
}

/** How a server speaks TLS. */
export interface ServerTls {
  readonly certificate: TlsCertificate;
  /** Set where the server made its certificate itself. */
  readonly caFile: string | undefined;
  /** Calls back with what replaced the certificate on disk, or came in time to. Gives back how to stop. */
  watch(onRenewed: (certificate: TlsCertificate) => void, onFailure: (error: unknown) => void): () => void;
}

const LOOK_MS = 60_000;

/** Undefined: plain HTTP. Rejects with `BadSetting`, `BadCertificate` where the settings do not make a server. */
export async function serverTls(settings: TlsSettings): Promise<ServerTls | undefined> {
  const { tls, tlsCertFile, tlsKeyFile } = settings;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw new RequestError('BadSetting', 500, '`tls-cert` and `tls-key` belong together');
  }
  if (tlsCertFile !== undefined && tlsKeyFile !== undefined) {
    if (tls !== 'off') throw new RequestError('BadSetting', 500, 'either `tls-cert` or `tls`');
    return fromFiles(tlsCertFile, tlsKeyFile);
  }
  return tls === 'off' ? undefined : ownMade(settings);
}

function fromFiles(certFile: string, keyFile: string): ServerTls {
  return watched(readCertificate(certFile, keyFile), undefined, {
    stamp: () => `${statSync(certFile).mtimeMs} ${statSync(keyFile).mtimeMs}`,
    load: async () => readCertificate(certFile, keyFile),
  });
}

async function ownMade(settings: TlsSettings): Promise<ServerTls> {
  // Loaded here, for few servers need it.
  const { loadOrCreateSelfSigned } = await import('./self-signed.ts');
  const load = () => loadOrCreateSelfSigned(settings.dataDir, namesOf(settings), Date.now());
  const made = await load();
  // Once a day is often enough to see that it ends within weeks.
  return watched(made, made.caFile, { stamp: () => new Date().toISOString().slice(0, 10), load });
}

interface Source {
  /** Changes when it is worth to load again. */
  stamp(): string;
  load(): Promise<TlsCertificate>;
}

function watched(
  certificate: TlsCertificate,
  caFile: string | undefined,
  { stamp, load }: Source,
): ServerTls {
  return {
    certificate,
    caFile,
    watch(onRenewed, onFailure) {
      let seen = stamp();
      let current = certificate.fingerprint;
      async function look(): Promise<void> {
        const now = stamp();
        if (now === seen) return;
        // Both files are there and belong together, or the old ones go on until they do.
        const next = await load();
        seen = now;
        if (next.fingerprint === current) return;
        current = next.fingerprint;
        onRenewed(next);
      }
      const timer = setInterval(() => void look().catch(onFailure), LOOK_MS).unref();
      return () => clearInterval(timer);
    },
  };
}

/** What clients may call the server. */
function namesOf({ host, publicUrls = [] }: TlsSettings): readonly string[] {
  const isEvery = host === '0.0.0.0' || host === '::';
  const names = ['localhost', '127.0.0.1', '::1', hostname(), ...(isEvery ? [] : [host])];
  const named = publicUrls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set([...names, ...named].map((name) => name.toLowerCase()))];
}
