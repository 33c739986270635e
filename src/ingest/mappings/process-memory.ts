import { createHash } from 'node:crypto';

/** What is known of a process. Every member is text, '' where unknown; numbers are decimal digits. */
export interface ProcessFacts {
  readonly guid: string;
  readonly pid: string;
  readonly image: string;
  readonly commandLine: string;
  /** `DOMAIN\user` as logged. */
  readonly user: string;
  readonly sid: string;
  readonly logonId: string;
  readonly integrity: string;
  readonly elevation: string;
  readonly sessionId: string;
  /** As Sysmon writes them: `SHA1=...,MD5=...`. */
  readonly hashes: string;
  readonly company: string;
  readonly product: string;
  readonly version: string;
  readonly originalName: string;
  readonly description: string;
  readonly created: string;
  readonly parentPid: string;
  readonly parentImage: string;
  readonly parentCreated: string;
}

export const UNKNOWN_PROCESS: ProcessFacts = {
  guid: '',
  pid: '',
  image: '',
  commandLine: '',
  user: '',
  sid: '',
  logonId: '',
  integrity: '',
  elevation: '',
  sessionId: '',
  hashes: '',
  company: '',
  product: '',
  version: '',
  originalName: '',
  description: '',
  created: '',
  parentPid: '',
  parentImage: '',
  parentCreated: '',
};

/** Most that is remembered of one file; the oldest is forgotten first. */
const MAX_PROCESSES = 50_000;
const MAX_ACCOUNTS = 20_000;

/**
 * What earlier events of the same file said of processes and accounts, so that a later event that names only a
 * process id carries its command line, as the hunting tables do. Bounded, and never shared between files: the same
 * file always gives the same rows.
 */
export class ProcessMemory {
  readonly #byGuid = new Map<string, ProcessFacts>();
  readonly #byPid = new Map<string, ProcessFacts>();
  readonly #sids = new Map<string, string>();
  readonly #deviceIds = new Map<string, string>();
  readonly #told = new Map<string, ProcessFacts>();
  readonly #printed = new Map<object, WeakMap<ProcessFacts, string>>();

  started(host: string, facts: ProcessFacts): void {
    const key = `${host}\n${facts.pid}`;
    if (facts.guid !== '') keep(this.#byGuid, facts.guid, facts, MAX_PROCESSES);
    else {
      // Two logs tell of the same start: the one with hashes and a parent stays.
      const known = this.#byPid.get(key);
      if (known !== undefined && known.guid !== '' && sameImage(known.image, facts.image)) return;
    }
    if (facts.pid !== '') keep(this.#byPid, key, facts, MAX_PROCESSES);
    this.account(facts.user, facts.sid);
  }

  ended(host: string, pid: string): void {
    this.#byPid.delete(`${host}\n${pid}`);
  }

  account(user: string, sid: string): void {
    if (user !== '' && sid !== '') keep(this.#sids, user.toLowerCase(), sid, MAX_ACCOUNTS);
  }

  /** The SID of `DOMAIN\user`; '' if no event told it. */
  sidOf(user: string): string {
    return WELL_KNOWN_SIDS[user.toLowerCase()] ?? this.#sids.get(user.toLowerCase()) ?? '';
  }

  byGuid(guid: string): ProcessFacts | undefined {
    return guid === '' ? undefined : this.#byGuid.get(guid);
  }

  /** The process that last started under a process id, if its image is the one the event names ('' = any). */
  byPid(host: string, pid: string, image: string): ProcessFacts | undefined {
    const facts = this.#byPid.get(`${host}\n${pid}`);
    return facts !== undefined && (image === '' || sameImage(facts.image, image)) ? facts : undefined;
  }

  /** The same object again for a process of which only this is known: what was printed of it can be used again. */
  told(facts: ProcessFacts): ProcessFacts {
    if (facts.guid === '') return facts;
    const before = this.#told.get(facts.guid);
    if (
      before !== undefined &&
      before.image === facts.image &&
      before.user === facts.user &&
      before.sid === facts.sid &&
      before.commandLine === facts.commandLine
    ) {
      return before;
    }
    keep(this.#told, facts.guid, facts, MAX_PROCESSES);
    return facts;
  }

  /** The text made of a process for one purpose, made once. */
  printed(purpose: object, facts: ProcessFacts, print: () => string): string {
    let texts = this.#printed.get(purpose);
    if (texts === undefined) {
      texts = new WeakMap();
      this.#printed.set(purpose, texts);
    }
    let text = texts.get(facts);
    if (text === undefined) {
      text = print();
      texts.set(facts, text);
    }
    return text;
  }

  /** 40 hexadecimal digits made of the host's name in lower case: the same in every file. */
  deviceId(host: string): string {
    let id = this.#deviceIds.get(host);
    if (id === undefined) {
      id = createHash('sha1').update(host.toLowerCase()).digest('hex');
      keep(this.#deviceIds, host, id, MAX_ACCOUNTS);
    }
    return id;
  }
}

/** https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers */
const WELL_KNOWN_SIDS: Readonly<Record<string, string>> = {
  'nt authority\\system': 'S-1-5-18',
  'nt authority\\local service': 'S-1-5-19',
  'nt authority\\network service': 'S-1-5-20',
  'nt authority\\anonymous logon': 'S-1-5-7',
};

function keep<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
}

/** The firewall's events name an image by its volume, all others by its drive. */
function sameImage(left: string, right: string): boolean {
  return left === right || withoutVolume(left) === withoutVolume(right);
}

function withoutVolume(path: string): string {
  return path.toLowerCase().replace(/^(?:\\device\\harddiskvolume\d+|[a-z]:)/, '');
}
