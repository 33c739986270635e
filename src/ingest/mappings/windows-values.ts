/** Small readings of the texts that Windows events carry. All take and give text; '' means unknown. */

/** Behind the last separator of a path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
}

/** The account part of `DOMAIN\user`, in lower case as the hunting tables have it. */
export function accountName(user: string): string {
  return user.slice(user.indexOf('\\') + 1).toLowerCase();
}

export function accountDomain(user: string): string {
  const at = user.indexOf('\\');
  return at === -1 ? '' : user.slice(0, at).toLowerCase();
}

/** One of the hashes of `SHA1=...,MD5=...`, in lower case; a hash of zeros only means none. */
export function hash(hashes: string, kind: 'SHA1' | 'SHA256' | 'MD5' | 'IMPHASH'): string {
  const at = hashes.startsWith(`${kind}=`) ? 0 : hashes.indexOf(`,${kind}=`) + 1;
  if (at === 0 && !hashes.startsWith(`${kind}=`)) return '';
  const end = hashes.indexOf(',', at);
  const value = hashes.slice(at + kind.length + 1, end === -1 ? undefined : end).toLowerCase();
  return /^0*$/.test(value) ? '' : value;
}

/** Hexadecimal (`0x1f`) or decimal text as decimal digits. */
export function decimal(text: string): string {
  if (/^\d+$/.test(text)) return text;
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt.asIntN(64, BigInt(text)).toString() : '';
}

/**
 * When a process started, from its Sysmon GUID, whose second and third groups hold the seconds since 1970.
 * '' for a GUID without a time.
 */
export function guidTime(guid: string): string {
  let time = guidTimes.get(guid);
  if (time === undefined) {
    time = readGuidTime(guid);
    if (guidTimes.size > 20_000) guidTimes.clear();
    guidTimes.set(guid, time);
  }
  return time;
}

const guidTimes = new Map<string, string>();

function readGuidTime(guid: string): string {
  const match = /^\{?[0-9a-f]{8}-([0-9a-f]{4})-([0-9a-f]{4})-/i.exec(guid);
  if (match === null) return '';
  const seconds = Number.parseInt(`${match[2]}${match[1]}`, 16);
  return seconds === 0 ? '' : new Date(seconds * 1000).toISOString();
}

/** A Sysmon GUID in one spelling; '' for the GUID of zeros. */
export function guidKey(guid: string): string {
  const key = guid.replace(/[{}]/g, '').toLowerCase();
  return /^[0-]*$/.test(key) ? '' : key;
}

const HIVES: readonly (readonly [string, string])[] = [
  ['HKLM', 'HKEY_LOCAL_MACHINE'],
  ['HKU', 'HKEY_USERS'],
  ['HKCU', 'HKEY_CURRENT_USER'],
  ['HKCR', 'HKEY_CLASSES_ROOT'],
  ['\\REGISTRY\\MACHINE', 'HKEY_LOCAL_MACHINE'],
  ['\\REGISTRY\\USER', 'HKEY_USERS'],
];

/** A registry path with its hive written out. */
export function registryPath(path: string): string {
  for (const [short, long] of HIVES) {
    if (path.length < short.length || path.slice(0, short.length).toUpperCase() !== short) continue;
    if (path.length === short.length || path[short.length] === '\\') return long + path.slice(short.length);
  }
  return path;
}

/** The key of a path that ends in a value name. A value name that begins with `\` shows as `\\`. */
export function registryKey(path: string): string {
  return registryPath(path.slice(0, valueStart(path)));
}

export function registryValueName(path: string): string {
  return path.slice(valueStart(path) + 1);
}

function valueStart(path: string): number {
  const double = path.indexOf('\\\\');
  if (double !== -1) return double;
  const last = path.lastIndexOf('\\');
  return last === -1 ? path.length : last;
}

/** Sysmon writes numbers as `DWORD (0x00000001)` and says no more of bytes than `Binary Data`. */
export function registryValueType(details: string): string {
  if (details.startsWith('DWORD (')) return 'Dword';
  if (details.startsWith('QWORD (')) return 'Qword';
  return details === 'Binary Data' ? 'Binary' : details === '' ? '' : 'String';
}

/** Numbers in decimal; a value of several words (`0x01d6-0x2fb4`) as one. */
export function registryValueData(details: string): string {
  const match = /^[DQ]WORD \(0x([0-9a-f]+)(?:-0x([0-9a-f]+))?\)$/i.exec(details);
  if (match !== null) return BigInt(`0x${match[1]}${match[2] ?? ''}`).toString();
  return details === 'Binary Data' || details === '(Empty)' ? '' : details;
}

const addresses = new Map<string, string>();

/** An address in its canonical spelling; an IPv4 address inside IPv6 (`::ffff:10.0.0.1`) as IPv4. */
export function address(text: string): string {
  if (!text.includes(':')) return text;
  let canonical = addresses.get(text);
  if (canonical === undefined) {
    canonical = canonicalIPv6(text.replace(/%.*$/, ''));
    if (addresses.size > 10_000) addresses.clear();
    addresses.set(text, canonical);
  }
  return canonical;
}

function canonicalIPv6(text: string): string {
  let host: string;
  try {
    host = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return text;
  }
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped === null) return host;
  const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** `Loopback`, `Private`, `Public`, `Reserved` ...; '' without an address. */
export function addressType(ip: string): string {
  if (ip === '') return '';
  if (ip.includes(':')) {
    if (ip === '::1') return 'Loopback';
    if (/^fe[89ab]|^f[cd]/i.test(ip)) return 'Private';
    return /^ff|^::$/i.test(ip) ? 'Reserved' : /^2001:0?:/i.test(ip) ? 'Teredo' : 'Public';
  }
  const [a = -1, b = -1] = ip.split('.').map(Number);
  if (a === 127) return 'Loopback';
  if (ip === '255.255.255.255') return 'Broadcast';
  if (a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31)) return 'Private';
  if (a === 169 && b === 254) return 'Private';
  return a === 0 || a >= 224 ? 'Reserved' : 'Public';
}

/** The program of a command line: the quoted text or what stands before the first blank behind an extension. */
export function programOf(commandLine: string): string {
  const quoted = /^\s*"([^"]+)"/.exec(commandLine);
  if (quoted !== null) return quoted[1] as string;
  const bare = /^\s*(.+?\.(?:exe|com|bat|cmd|sys|dll|ps1|vbs))(?=\s|$)/i.exec(commandLine);
  return bare !== null ? (bare[1] as string) : (commandLine.trim().split(/\s+/)[0] ?? '');
}

/** Text that a shipper escaped for XML a second time. */
export function unescapeXml(text: string): string {
  if (!text.startsWith('&lt;')) return text;
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/** The `HostUrl` or `ReferrerUrl` of a `Zone.Identifier` stream, as Sysmon prints its contents. */
export function zoneMember(contents: string, name: 'HostUrl' | 'ReferrerUrl'): string {
  return new RegExp(`\\b${name}=(\\S+)`).exec(contents)?.[1] ?? '';
}
