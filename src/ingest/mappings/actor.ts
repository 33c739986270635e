import type { Actor } from './event-mapping.ts';
import { type ProcessFacts, UNKNOWN_PROCESS } from './process-memory.ts';
import { member, type WindowsEvent } from './windows-event.ts';
import { accountDomain, accountName, decimal, fileName, guidKey, guidTime, hash } from './windows-values.ts';

/** Names of the members that tell of a process; missing ones are not logged by the event. */
export interface ActorMembers {
  readonly guid?: string;
  readonly pid: readonly string[];
  readonly image: string;
  readonly user?: string;
  readonly commandLine?: string;
  /** Members with the parts of an account, where it is not one text. */
  readonly account?: {
    readonly domain: string;
    readonly name: string;
    readonly sid: string;
    readonly logonId: string;
  };
}

/** What the event tells of the process, completed by what its start told earlier in the same file. */
export function actor(members: ActorMembers): Actor {
  const { account } = members;
  const names = [
    members.guid,
    ...members.pid,
    members.image,
    members.user,
    members.commandLine,
    account?.domain,
    account?.name,
  ];
  return {
    text: names
      .filter((name) => name !== undefined)
      .map((name) => `\`${name}\``)
      .join(', '),
    resolve(event, memory) {
      const guid = members.guid === undefined ? '' : guidKey(member(event, members.guid));
      const pid = processId(event, members.pid);
      const image = member(event, members.image);
      const known =
        memory.byGuid(guid) ??
        (pid === '' || image === '' ? undefined : memory.byPid(event.host, pid, image));
      if (known !== undefined && known.user !== '' && known.commandLine !== '' && known.sid !== '')
        return known;
      const user =
        account === undefined
          ? member(event, members.user ?? '')
          : userOf(member(event, account.domain), member(event, account.name));
      const told: ProcessFacts = {
        ...UNKNOWN_PROCESS,
        guid,
        pid,
        image,
        user,
        sid: (account === undefined ? '' : knownSid(member(event, account.sid))) || memory.sidOf(user),
        logonId: member(event, account?.logonId ?? ''),
        commandLine: member(event, members.commandLine ?? ''),
        created: known === undefined ? guidTime(guid) : '',
      };
      return known === undefined ? memory.told(told) : complete(known, told);
    },
  };
}

/** Names the process only by the id of whoever wrote the event, if that is one of these programs. */
export function writerActor(programs: RegExp): Actor {
  return {
    text: 'the process and the account that wrote the event',
    resolve(event, memory) {
      const known = memory.byPid(event.host, event.writerPid, '');
      if (known !== undefined && programs.test(known.image)) return known;
      const [domain, name] = [member(event, 'Domain'), member(event, 'AccountName')];
      return { ...UNKNOWN_PROCESS, pid: event.writerPid, sid: event.sid, user: userOf(domain, name) };
    },
  };
}

/** `S-1-0-0` is nobody. */
export function knownSid(sid: string): string {
  return sid === 'S-1-0-0' ? '' : sid;
}

export function userOf(domain: string, name: string): string {
  return name === '' ? '' : domain === '' ? name : `${domain}\\${name}`;
}

function processId(event: WindowsEvent, names: readonly string[]): string {
  for (const name of names) {
    const value = decimal(member(event, name));
    if (value !== '') return value;
  }
  return '';
}

/** What was known, with its gaps filled by what the event tells. */
function complete(known: ProcessFacts, told: ProcessFacts): ProcessFacts {
  return {
    ...known,
    user: known.user || told.user,
    sid: known.sid || told.sid,
    logonId: known.logonId || told.logonId,
    commandLine: known.commandLine || told.commandLine,
  };
}

/** The columns of the acting process. Which of them a table has, its schema says. */
export const ACTOR_COLUMNS: Readonly<Record<string, (facts: ProcessFacts) => string>> = {
  InitiatingProcessAccountDomain: (facts) => accountDomain(facts.user),
  InitiatingProcessAccountName: (facts) => accountName(facts.user),
  InitiatingProcessAccountSid: (facts) => facts.sid,
  InitiatingProcessLogonId: (facts) => decimal(facts.logonId),
  InitiatingProcessIntegrityLevel: (facts) => facts.integrity,
  InitiatingProcessTokenElevation: (facts) => facts.elevation,
  InitiatingProcessSHA1: (facts) => hash(facts.hashes, 'SHA1'),
  InitiatingProcessSHA256: (facts) => hash(facts.hashes, 'SHA256'),
  InitiatingProcessMD5: (facts) => hash(facts.hashes, 'MD5'),
  InitiatingProcessFileName: (facts) => fileName(facts.image),
  InitiatingProcessFolderPath: (facts) => facts.image.toLowerCase(),
  InitiatingProcessVersionInfoCompanyName: (facts) => facts.company,
  InitiatingProcessVersionInfoProductName: (facts) => facts.product,
  InitiatingProcessVersionInfoProductVersion: (facts) => facts.version,
  InitiatingProcessVersionInfoOriginalFileName: (facts) => facts.originalName,
  InitiatingProcessVersionInfoFileDescription: (facts) => facts.description,
  InitiatingProcessId: (facts) => facts.pid,
  InitiatingProcessCommandLine: (facts) => facts.commandLine,
  InitiatingProcessCreationTime: (facts) => facts.created,
  InitiatingProcessParentId: (facts) => facts.parentPid,
  InitiatingProcessParentFileName: (facts) => fileName(facts.parentImage),
  InitiatingProcessParentCreationTime: (facts) => facts.parentCreated,
  InitiatingProcessSessionId: (facts) => facts.sessionId,
  InitiatingProcessUniqueId: (facts) => facts.guid,
};
