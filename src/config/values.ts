import { isIP } from 'node:net';

/** Turns a setting's text into its value; throws `Error` with what was expected. */
export type Parser<T> = (text: string) => T;

export function text(value: string): string {
  return value;
}

export function whole(least: number, most: number): Parser<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d{1,15}$/.test(value) || number < least || number > most) throw new Error('not in range');
    return number;
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Parser<Choice> {
  return (value) => {
    const choice = choices.find((known) => known.toLowerCase() === value.toLowerCase());
    if (choice === undefined) throw new Error('not one of them');
    return choice;
  };
}

export function yesNo(value: string): boolean {
  return oneOf('true', 'false')(value) === 'true';
}

export function guid(value: string): string {
  const lower = value.toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower)) throw new Error('not a GUID');
  return lower;
}

/** An origin: scheme, host and port, nothing behind them. */
export function url(value: string): string {
  if (!URL.canParse(value)) throw new Error('not a URL');
  const { protocol, origin, pathname, search, hash, username } = new URL(value);
  if (!/^https?:$/.test(protocol)) throw new Error('not http or https');
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '')
    throw new Error('more than a host and a port');
  return origin;
}

export function names(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function urls(value: string): readonly [string, ...string[]] {
  const [head = '', ...rest] = value.split(',').map((part) => part.trim());
  return [url(head), ...rest.map(url)];
}

/** Addresses with or without a prefix length, or the names that Fastify has for the private ones. */
export function networks(value: string): readonly string[] {
  return value.split(',').map((part) => {
    const network = part.trim();
    const [address = '', prefix, more] = network.split('/');
    const bits = isIP(address) === 4 ? 32 : 128;
    const isNamed = ['loopback', 'linklocal', 'uniquelocal'].includes(network);
    const hasPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (!isNamed && (isIP(address) === 0 || !hasPrefix || more !== undefined)) throw new Error('no address');
    return network;
  });
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };

export function size(value: string): number {
  return scaled(value, UNIT_BYTES);
}

export function duration(value: string): number {
  return scaled(value, UNIT_MS);
}

export function days(value: string): number {
  return scaled(value, { d: 1 });
}

/** A positive number and its unit. */
function scaled(value: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(value);
  const unit = Object.entries(units).find(([name]) => name.toLowerCase() === match?.[2]?.toLowerCase());
  const number = Math.round(Number(match?.[1]) * (unit?.[1] ?? Number.NaN));
  if (!Number.isSafeInteger(number) || number <= 0) throw new Error('no such amount');
  return number;
}

export function orUnlimited<T>(value: string, parse: Parser<T>): T | 'unlimited' {
  return value.toLowerCase() === 'unlimited' ? 'unlimited' : parse(value);
}

export function sizeOrUnlimited(value: string): number | 'unlimited' {
  return orUnlimited(value, size);
}

export function durationOrUnlimited(value: string): number | 'unlimited' {
  return orUnlimited(value, duration);
}

export function daysOrUnlimited(value: string): number | 'unlimited' {
  return orUnlimited(value, days);
}
