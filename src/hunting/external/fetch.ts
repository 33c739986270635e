import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { AllowedHosts } from './hosts.ts';

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface FetchRules {
  readonly hosts: AllowedHosts;
  /** Checked for what a name resolves to, at the moment of the connection. */
  readonly addressAllowed: (address: string) => boolean;
  /** Of names; the system's unless a test gives another. */
  readonly lookup?: typeof dnsLookup;
}

/** What the last time told, to ask whether it changed. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export type Fetched =
  | { readonly kind: 'new'; readonly validators: Validators; readonly maxAgeMs: number | undefined }
  | { readonly kind: 'same'; readonly maxAgeMs: number | undefined };

/** Why nothing was fetched: a sentence for the query's author. */
export class FetchRefused extends Error {}

const MAX_REDIRECTS = 5;

/**
 * Gets a URL into a file, which is only there when it is whole. Every hop must be an allowed host at an allowed address.
 * Rejects with `FetchRefused`.
 */
export async function fetchToFile(
  url: string,
  file: string,
  known: Validators | undefined,
  rules: FetchRules,
  limits: FetchLimits,
): Promise<Fetched> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limits.timeoutMs);
  const signal = limits.signal ? AbortSignal.any([stop.signal, limits.signal]) : stop.signal;
  try {
    let target = new URL(url);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await get(target, hop === 0 ? known : undefined, rules, signal);
      const { statusCode = 0, headers } = answer;
      if (statusCode === 304 && known) {
        answer.destroy();
        return { kind: 'same', maxAgeMs: maxAgeOf(answer) };
      }
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
        answer.destroy();
        target = new URL(headers.location, target);
        continue;
      }
      if (statusCode !== 200) {
        answer.destroy();
        throw new FetchRefused(`it answered with the status ${statusCode}`);
      }
      await save(answer, file, limits.maxBytes, signal);
      const validators = { etag: headers.etag, lastModified: headers['last-modified'] };
      return { kind: 'new', validators, maxAgeMs: maxAgeOf(answer) };
    }
    throw new FetchRefused('it redirects too often');
  } catch (error) {
    if (error instanceof FetchRefused) throw error;
    if (stop.signal.aborted) throw new FetchRefused('it took too long');
    throw new FetchRefused('it could not be reached');
  } finally {
    clearTimeout(timer);
  }
}

function get(
  target: URL,
  known: Validators | undefined,
  rules: FetchRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const refused = rules.hosts.refusal(target);
  if (refused !== undefined) throw new FetchRefused(refused);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !rules.addressAllowed(host)) throw new FetchRefused(NOT_PUBLIC);
  const headers = {
    'user-agent': 'spoor',
    accept: '*/*',
    ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  };
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // A socket of its own: no connection that was made under other rules is used again.
    const request = send(target, { headers, signal, agent: false, lookup: checkedLookup(rules) }, resolve);
    request.on('error', (error: Error & { cause?: unknown }) => reject(error));
    request.end();
  });
}

const NOT_PUBLIC = 'it is at an address that is not public';

/** What it answers is what is connected to: a name that changes in between changes nothing. */
function checkedLookup({ addressAllowed, lookup = dnsLookup }: FetchRules): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const found = addresses as readonly LookupAddress[];
      const bad = found.find(({ address }) => !addressAllowed(address));
      const [first] = found;
      if (bad || !first) return callback(new FetchRefused(NOT_PUBLIC), []);
      if (options.all === true) return callback(null, [...found]);
      callback(null, first.address, first.family);
    });
  };
}

async function save(
  answer: IncomingMessage,
  file: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const part = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}.part`;
  async function* capped(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of answer) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw new FetchRefused(`it has more than ${maxBytes} bytes`);
      yield chunk as Buffer;
    }
    if (!answer.complete) throw new FetchRefused('it ended early');
  }
  try {
    await pipeline(capped(), createWriteStream(part, { mode: 0o600, flags: 'wx' }), { signal });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function maxAgeOf(answer: IncomingMessage): number | undefined {
  const control = answer.headers['cache-control'] ?? '';
  if (/no-store|no-cache/.test(control)) return 0;
  const seconds = /max-age=(\d{1,9})/.exec(control)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
